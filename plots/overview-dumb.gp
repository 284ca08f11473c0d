# The overview in a terminal of 80 columns: loaded by overview.gp.
set print '-'
set terminal dumb nofeed mono size 79, 17 noenhanced
set xrange [0:end_s]
set key outside right top samplen 1 width 1
# There are seven characters for lines: more vertices cannot be told apart.
first_7(list) = words(list) <= 7 ? list : word(list, 1) . ' ' . word(list, 2) . ' ' . word(list, 3) . ' ' . word(list, 4) . ' ' . word(list, 5) . ' ' . word(list, 6) . ' ' . word(list, 7)
note(list) = words(list) <= 7 ? '' : sprintf(', 7 of %d vertices', words(list))
if (warmup_s > 0) { set arrow 1 from first warmup_s, graph 0 to first warmup_s, graph 1 nohead }
warm_words = warmup_s > 0 ? sprintf(', warm-up to %g s', warmup_s) : ''
set yrange [0:most_rate > 0 ? most_rate / rate_unit * 1.1 : 1]
set title shorten(title, 40) . ': ' . rate_label . ' over time (s)' . warm_words . note(with_rate)
if (words(with_rate) > 0) {
    plot for [i in first_7(with_rate)] vertex_file(i) using 't_s':(column(rate_column(i)) / rate_unit) with lines title shorten(NAME[int(i)], 14)
    print ''   # the plot ends without a newline
}
do for [side in 'out in'] {
    set yrange [0:(side eq 'out' ? most_usage : most_in_usage) * 1.1]
    vertices = side eq 'out' ? with_out_usage : with_in_usage
    set title side . 'PoolUsage: 1 is full (mean of the subtasks)' . note(vertices)
    if (words(vertices) > 0) {
        plot for [i in first_7(vertices)] vertex_file(i) using 't_s':side . '_usage' with lines title shorten(NAME[int(i)], 14)
        print ''   # the plot ends without a newline
    }
}
# One line a vertex: what it does most at each time.
mark(row) = column('busy') >= column('idle') && column('busy') >= column('soft') + column('hard') ? '#' : column('soft') + column('hard') > column('idle') ? 'x' : '.'
set terminal dumb nofeed mono size 79, vertex_count + 6
set title "how each vertex spends its time: # busy, x back-pressured, . idle"
unset key
set lmargin 22
set yrange [*:*]
set ytics () scale 0
do for [i = 1:vertex_count] { set ytics add (shorten(NAME[i], 20) i) }
unset border
if (words(with_state) > 0) {
    # A sample tells of the time before it: few of them are drawn again to the left, up to the one before.
    samples = 0
    stats vertex_file(word(with_state, 1)) using (samples = samples + 1, 0) nooutput
    again = samples < 56 ? int(56 / samples) : 0
    set yrange [vertex_count + 0.5:0.5]
    plot for [k = -again:0] for [i in with_state] vertex_file(i) using (column('t_s') + k * end_s / 56):(int(i)):(mark(row)) with labels
}
print ''   # the plot ends without a newline
