# The channel map in a terminal of 80 columns: loaded by channels.gp. A character tells how full.
set datafile separator whitespace
set xrange [0:end_s]
unset key
name_width = channel_ends > 0 ? 32 : 22
set lmargin name_width + 2
steps = ' .:-=+*#@'
level(value) = int(value * 8.0 / most + 0.999)
character(value) = value < 0 ? ' ' : steps[level(value) + 1:level(value) + 1]
do for [side in sides] {
    lines_drawn = channel_count(side) < 40 ? int(channel_count(side)) : 40
    set print '-'
    set terminal dumb nofeed mono size 79, lines_drawn + 8 noenhanced
    set title shorten(title, 24) . ': ' . side . ' channels over time (s), buffers queued'
    set xlabel sprintf('"%s" is 0 to %g buffers', steps, most)
    set ytics () scale 0
    set datafile separator "\t"
    set yrange [*:*]
    last_place = -1e9
    array PLACE[200]
    array LABEL[200]
    label_count = 0
    stats label_file(side) skip 1 using (label_count < 200 ? (label_count = label_count + 1, PLACE[label_count] = column(1), LABEL[label_count] = channel_label(side, strcol(2), strcol(3), strcol(4), name_width)) : 0, 0) nooutput
    # Half a row to spare on both sides, where the border is.
    spare = 0.5 * line_count(side) / lines_drawn
    set yrange [line_count(side) - 0.5 + spare:-0.5 - spare]
    do for [j = 1:label_count] {
        if ((PLACE[j] - last_place) * lines_drawn / line_count(side) >= 0.9) {
            set ytics add (LABEL[j] PLACE[j])
            last_place = PLACE[j]
        }
    }
    set datafile separator whitespace
    plot raster_file(side) matrix using (time_of($1)):2:(character($3)) with labels
    print ''   # the plot ends without a newline
}
