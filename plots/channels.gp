# The channel map: how many buffers are queued in every channel over time, at the senders
# (subpartitions) and at the receivers (input channels).
#
#     gnuplot -e "dir='results/x'" plots/channels.gp
#     gnuplot -c plots/channels.gp results/x [svg|png|dumb [OUTPUT [DATA]]]
here = ''
do for [i = 1:strlen(ARG0)] { if (ARG0[i:i] eq '/') { here = ARG0[1:i] } }
if (ARGC > 0) { dir = ARG1 }
if (ARGC > 1) { terminal = ARG2 }
if (ARGC > 2) { output = ARG3 }
if (ARGC > 3) { data = ARG4 }
chart = 'channels'
load here . 'common.gp'

if (out_channels + in_channels == 0) {
    printerr 'no channel map: the result folder has no channels.csv'
    exit status 1
}
sides = (out_channels > 0 ? 'out ' : '') . (in_channels > 0 ? 'in' : '')
columns = 400
line_count(side) = side eq 'out' ? out_lines : in_lines
per_line(side) = side eq 'out' ? out_per_line : in_per_line
channel_count(side) = side eq 'out' ? out_channels : in_channels
most = out_most > in_most ? out_most : in_most
most = most > 0 ? most : 1
raster_file(side) = data . '/channels-' . side . '.dat'
label_file(side) = data . '/channels-' . side . '-labels.tsv'
time_of(column) = (column + 0.5) * end_s / columns
heading(side) = side eq 'out' ? 'senders: buffers queued in each subpartition' : 'receivers: buffers queued in each input channel'

if (is_dumb) { load here . 'channels-dumb.gp'; exit }

natural(side) = 13.0 * channel_count(side) < 130 ? 26.0 * channel_count(side) : 13.0 * channel_count(side)
panel(side) = channel_count(side) > 32 ? 340 : natural(side) < 110 ? 110 : natural(side)
name_width = channel_ends > 0 ? 34 : 22
left = channel_ends > 0 ? 250 : 176
right = 110
gap = 60
height = 76 + 54
do for [side in sides] { height = height + panel(side) + gap }
height = height - gap
eval begin_picture
set multiplot
set lmargin at screen x_of(left)
set rmargin at screen 1 - x_of(right)
set label 1 full_title('channel map') at screen x_of(20), screen y_of(20) font bold
set label 2 caption at screen 1 - x_of(20), screen y_of(20) right textcolor rgb soft_text
# From white to nearly black over Flink's blue: darker is fuller, in grey as well.
set palette defined (0 '#ffffff', 0.25 '#b9dcff', 0.5 '#5db1ff', 0.75 '#1567bd', 1 '#001529')
set cbrange [0:most]
set cbtics out scale 0.5 textcolor rgb text_colour
unset grid
set border 15
y = 70
do for [side in sides] {
    set tmargin at screen y_of(y)
    set bmargin at screen y_of(y + panel(side))
    set yrange [*:*]   # or the reading below would skip what lies outside
    # Tick labels come from a file of the places where a name belongs.
    set ytics () scale 0 textcolor rgb text_colour
    label_count = 0
    set datafile separator "\t"
    array LABEL[200]
    array PLACE[200]
    stats label_file(side) skip 1 using (label_count < 200 ? (label_count = label_count + 1, PLACE[label_count] = column(1), LABEL[label_count] = channel_label(side, strcol(2), strcol(3), strcol(4), name_width)) : 0, 0) nooutput
    set yrange [line_count(side) - 0.5:-0.5]
    # Names that would touch each other are left out.
    last_place = -1e9
    do for [j = 1:label_count] {
        if ((PLACE[j] - last_place) * panel(side) / line_count(side) >= 12) {
            set ytics add (LABEL[j] PLACE[j])
            last_place = PLACE[j]
        }
    }
    set label 3 heading(side) . (per_line(side) > 1 ? sprintf(' (each line: the fullest of %d channels)', per_line(side)) : '') at screen x_of(left), screen y_of(y - 12)
    if (side eq word(sides, words(sides))) { set xlabel 'simulated time (s)' offset 0, 0.4 }
    set cblabel 'buffers queued' offset 0.5
    set colorbox user origin screen 1 - x_of(right - 16), screen y_of(y + panel(side)) size screen x_of(14), screen panel(side) / (1.0 * height)
    if (warmup_s > 0) { set arrow 1 from first warmup_s, graph 0 to first warmup_s, graph 1 nohead linecolor rgb '#ee2222' linewidth 1 dashtype 2 front; set label 4 'dashed: end of the warm-up' at screen 1 - x_of(right), screen y_of(y - 12) right textcolor rgb '#aa2222' }
    set datafile separator whitespace
    plot raster_file(side) matrix using (time_of($1)):2:($3 < 0 ? NaN : $3) with image
    unset label 1
    unset label 2
    y = y + panel(side) + gap
}
unset multiplot
set output
