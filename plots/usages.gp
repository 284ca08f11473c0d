# The four usages of each vertex under Flink's names: outPoolUsage, inPoolUsage and its two parts,
# inputExclusiveBuffersUsage and inputFloatingBuffersUsage.
#
#     gnuplot -e "dir='results/x'" plots/usages.gp
#     gnuplot -c plots/usages.gp results/x [svg|png|dumb [OUTPUT [DATA]]]
here = ''
do for [i = 1:strlen(ARG0)] { if (ARG0[i:i] eq '/') { here = ARG0[1:i] } }
if (ARGC > 0) { dir = ARG1 }
if (ARGC > 1) { terminal = ARG2 }
if (ARGC > 2) { output = ARG3 }
if (ARGC > 3) { data = ARG4 }
chart = 'usages'
load here . 'common.gp'

rows = ''
do for [i = 1:vertex_count] {
    if (is_in(with_out_usage, i) || is_in(with_in_usage, i)) { rows = rows . sprintf(' %d', i) }
}
row_count = words(rows)
# The metrics: column, Flink's name, vertices that have it, colour, dashes.
array COLUMN[4] = ['out_usage', 'in_usage', 'in_exclusive', 'in_floating']
array FLINK[4] = ['outPoolUsage', 'inPoolUsage', 'inputExclusiveBuffersUsage', 'inputFloatingBuffersUsage']
array WITH[4] = [with_out_usage, with_in_usage, with_in_exclusive, with_in_floating]
array HUE[4] = ['#000000', '#1567bd', '#e08214', '#1b8a4a']
array DASH[4] = [1, 1, 2, 3]

if (is_dumb) { load here . 'usages-dumb.gp'; exit }

panel = row_count <= 8 ? 130 : 90
gap = 52
top = 78
height = top + int((row_count + 1) / 2) * (panel + gap)
eval begin_picture
column_width = (width - left - 24 - 70) / 2
set multiplot
set label 1 full_title('usage of the buffers, mean of the subtasks, 1 is all') at screen x_of(left), screen y_of(20) font bold
set label 2 caption at screen 1 - x_of(24), screen y_of(20) right textcolor rgb soft_text
array AT[4] = [left, left + 160, left + 310, left + 560]
do for [k = 1:4] {
    set arrow 10 + k from screen x_of(AT[k]), screen y_of(44) to screen x_of(AT[k] + 32), screen y_of(44) nohead linecolor rgb HUE[k] linewidth 1.8 dashtype DASH[k]
    set label 10 + k FLINK[k] at screen x_of(AT[k] + 39), screen y_of(44)
}
if (warmup_s > 0) { set object 1 rectangle from first 0, graph 0 to first warmup_s, graph 1 fillcolor rgb warm_colour fillstyle solid noborder behind }
set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead linecolor rgb soft_text linewidth 1 dashtype solid back
set ylabel 'usage' offset 1.4
do for [n = 1:row_count] {
    i = int(word(rows, n))
    x = left + ((n - 1) % 2) * (column_width + 70)
    y = top + int((n - 1) / 2) * (panel + gap)
    set lmargin at screen x_of(x)
    set rmargin at screen x_of(x + column_width)
    set tmargin at screen y_of(y)
    set bmargin at screen y_of(y + panel)
    if (n + 2 > row_count) { set xlabel 'simulated time (s)' offset 0, 0.5 }
    most = 1.0
    shown = ''
    do for [k = 1:4] {
        if (is_in(WITH[k], i)) {
            shown = shown . sprintf(' %d', k)
            stats vertex_file(i) using (column(COLUMN[k]) > most ? (most = column(COLUMN[k])) : 0, 0) nooutput
        }
    }
    set yrange [0:most * 1.06]
    set ytics usage_step(most)
    set label 3 shorten(NAME[i], 40) . (SUBTASKS[i] > 1 ? sprintf(' ×%d', SUBTASKS[i]) : '') at screen x_of(x), screen y_of(y - 11) textcolor rgb colour(i) font bold
    plot for [k in shown] vertex_file(i) using 't_s':COLUMN[int(k)] with lines linecolor rgb HUE[int(k)] dashtype DASH[int(k)] linewidth 1.8
    do for [k = 11:14] { unset label k; unset arrow k }
    unset label 1
    unset label 2
}
unset multiplot
set output
