# The configurations of a comparison over time, laid over each other: of each vertex what it takes in
# and how full its input pools are, then how full its output pools are and how much it is
# back-pressured.
#
#     gnuplot -e "dir='results/compare-x'" plots/compare-time.gp
#     gnuplot -c plots/compare-time.gp results/compare-x [svg|png [OUTPUT [DATA]]]
here = ''
do for [i = 1:strlen(ARG0)] { if (ARG0[i:i] eq '/') { here = ARG0[1:i] } }
if (ARGC > 0) { dir = ARG1 }
if (ARGC > 1) { terminal = ARG2 }
if (ARGC > 2) { output = ARG3 }
if (ARGC > 3) { data = ARG4 }
chart = 'compare-time'
load here . 'common.gp'
load here . 'compare-common.gp'

row_count = 0
numbers(n) = n < 1 ? '' : numbers(n - 1) . ' ' . strcol(2 + n)
array VERTEX[20]
array SIDE[20]
array FOLDED[20]   # the numbers of the vertex in the folders of the configurations
stats data . '/compare-time.tsv' skip 1 using (row_count = row_count + 1, VERTEX[row_count] = strcol(1), SIDE[row_count] = strcol(2), FOLDED[row_count] = numbers(laid_count), 0) nooutput
folded(r, k) = int(word(FOLDED[int(r)], int(k)))
samples_file(r, k) = config_folder(LAID[int(k)]) . sprintf('/vertex-%d.tsv', folded(r, k))

# The legend: as many columns as the labels allow.
entry = 46 + character * longest_tagged
legend_columns = floor((width - 104) / entry)
legend_columns = legend_columns < 1 ? 1 : legend_columns > laid_count ? laid_count : legend_columns
legend_lines = ceil(laid_count / (1.0 * legend_columns))
header = (keys_line eq '' ? 34 : 54) + legend_lines * 18 + 26
panel = 132
gap = 34
height = header + row_count * (panel + gap) + 24
eval begin_picture
set multiplot
unset key
set label 1 full_title('over time, first replication' . (laid_count < config_count + left_out ? sprintf(' (%d of %d configurations)', laid_count, config_count + left_out) : '')) at screen x_of(20), screen y_of(18) font bold
set label 2 caption at screen 1 - x_of(20), screen y_of(18) right textcolor rgb soft_text
set label 5 warmup_s > 0 ? 'shaded: warm-up' : '' at screen 1 - x_of(20), screen y_of(38) right textcolor rgb soft_text
set label 3 keys_line eq '' ? '' : 'varied: ' . keys_line at screen x_of(20), screen y_of(38) textcolor rgb soft_text
do for [k = 1:laid_count] {
    x = 84 + ((k - 1) % legend_columns) * entry
    y = (keys_line eq '' ? 42 : 62) + 18 * ((k - 1) / legend_columns)
    set arrow 100 + k from screen x_of(x), screen y_of(y) to screen x_of(x + 30), screen y_of(y) nohead linetype k
    set label 100 + k tagged(LAID[k]) at screen x_of(x + 37), screen y_of(y)
}
if (warmup_s > 0) { set object 1 rectangle from first 0, graph 0 to first warmup_s, graph 1 fillcolor rgb warm_colour fillstyle solid noborder behind }

# Samples are put together so that lines that cross can be followed: 120 points to a panel.
wide = end_s / 120.0
when(t) = (floor(t / wide) + 0.5) * wide
set format x ''
do for [r = 1:row_count] {
    top = header + (r - 1) * (panel + gap)
    set tmargin at screen y_of(top)
    set bmargin at screen y_of(top + panel)
    shown = ''
    do for [k = 1:laid_count] { if (folded(r, k) > 0) { shown = shown . sprintf(' %d', k) } }
    if (r == row_count) {
        set format x '%g'
        set xlabel 'simulated time (s)' offset 0, 0.4
    }
    do for [half = 0:1] {
        set lmargin at screen x_of(half == 0 ? 84 : 578)
        set rmargin at screen x_of(half == 0 ? 486 : 980)
        name = SIDE[r] eq 'in' ? (half == 0 ? 'rate_in' : 'in_usage') : (half == 0 ? 'out_usage' : 'pressed')
        most = name eq 'pressed' ? 1000 : name eq 'rate_in' ? 0 : 1
        if (name ne 'pressed') {
            do for [k in shown] { stats samples_file(r, k) using (column(name) > most ? (most = column(name)) : 0, 0) nooutput }
        }
        scale = name eq 'pressed' ? 10.0 : name eq 'rate_in' && most >= 20e3 ? 1e3 : 1.0
        most = most > 0 ? most / scale : 1
        set yrange [0:most * 1.06]
        set ytics name eq 'pressed' ? 25 : name eq 'rate_in' ? step(most, 4.0) : usage_step(most)
        set ylabel name eq 'pressed' ? 'share of time (%)' : name eq 'rate_in' ? (scale > 1 ? '1000 records/s' : 'records/s') : name eq 'in_usage' ? 'inPoolUsage' : 'outPoolUsage' offset 0.7
        set label 4 (half == 0 ? shorten(VERTEX[r], 24) . ': ' : '') . (name eq 'pressed' ? 'back-pressured' : name eq 'rate_in' ? 'records taken in' : name eq 'in_usage' ? 'input pools, 1 is full' : 'output pools, 1 is full') at graph 0, screen y_of(top - 12) textcolor rgb soft_text
        plot for [k in shown] samples_file(r, k) using (when(column('t_s'))):(column(name) / scale) smooth unique with lines linetype int(k) linewidth 1.5
        if (r == 1) {
            do for [i in '1 2 3 5'] { unset label int(i) }
            do for [k = 1:laid_count] { unset label 100 + k; unset arrow 100 + k }
        }
    }
}
unset multiplot
set output
