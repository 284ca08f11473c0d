# A comparison: means with their 95 % intervals for each configuration, and the latency distributions
# of the first replication laid over each other.
#
#     gnuplot -e "dir='results/compare-x'" plots/compare.gp
#     gnuplot -c plots/compare.gp results/compare-x [svg|png [OUTPUT [DATA]]]
here = ''
do for [i = 1:strlen(ARG0)] { if (ARG0[i:i] eq '/') { here = ARG0[1:i] } }
if (ARGC > 0) { dir = ARG1 }
if (ARGC > 1) { terminal = ARG2 }
if (ARGC > 2) { output = ARG3 }
if (ARGC > 3) { data = ARG4 }
chart = 'compare'
load here . 'common.gp'
load here . 'compare-common.gp'

# The panels of dots, a row a sink, and the curves of latency.
panel_count = 0
dot_rows = 0
stats data . '/compare-panels.tsv' skip 1 using (panel_count = panel_count + 1, column(1) >= dot_rows ? (dot_rows = column(1) + 1) : 0, 0) nooutput
array ROW[panel_count + 1]
array COLUMN[panel_count + 1]
array OWNER[panel_count + 1]
array HEADING[panel_count + 1]
array LOW[panel_count + 1]
array HIGH[panel_count + 1]
array BASE[panel_count + 1]
row = 0
stats data . '/compare-panels.tsv' skip 1 using ( \
    row = row + 1, ROW[row] = column(1), COLUMN[row] = column(2), OWNER[row] = strcol(3), HEADING[row] = strcol(4), \
    LOW[row] = column(5), HIGH[row] = column(6), BASE[row] = column(7), 0) nooutput
dot_rows = int(dot_rows)
sink_count = 0
array SINK[4]
array CURVES[4]   # the numbers of a sink's curves, with blanks between them
numbers(n) = n < 1 ? '' : numbers(n - 1) . ' ' . strcol(2 + n)
if (int(system('wc -l < ' . quoted(shell_data . '/compare-latency.tsv'))) > 1) {
    stats data . '/compare-latency.tsv' skip 1 using (sink_count = sink_count + 1, SINK[sink_count] = strcol(1), CURVES[sink_count] = numbers(laid_count), 0) nooutput
}
curve(s, k) = int(word(CURVES[int(s)], int(k)))
curve_file(s, k) = config_folder(LAID[int(k)]) . sprintf('/latency-%d.tsv', curve(s, k))

if (is_dumb) { load here . 'compare-dumb.gp'; exit }

line = config_count <= 12 ? 24 : config_count <= 24 ? 20 : 16   # between two configurations
header = keys_line eq '' ? 46 : 66
dots = config_count * line + 16
row_height = dots + 62            # heading, dots, ticks
curves_top = header + dot_rows * row_height + 6
curve_height = 230
curve_row = curve_height + 84
height = curves_top + sink_count * curve_row
eval begin_picture
names = 34 + character * (longest_tagged < 18 ? 18 : longest_tagged > 42 ? 42 : longest_tagged)
from(panel) = (names + panel * (width - names) / 4.0) / width
to(panel) = (names + (panel + 1) * (width - names) / 4.0 - 30) / width

set multiplot
unset key
set label 1 full_title('means with 95 % intervals') at screen x_of(20), screen y_of(18) font bold
set label 2 caption at screen 1 - x_of(20), screen y_of(18) right textcolor rgb soft_text
set label 3 keys_line eq '' ? '' : 'varied: ' . keys_line at screen x_of(20), screen y_of(38) textcolor rgb soft_text
set label 4 left_out > 0 ? sprintf('%d more configurations are left out', left_out) : '' at screen 1 - x_of(20), screen y_of(38) right textcolor rgb soft_text
set border 1
unset ytics
set yrange [config_count + 0.7:0.3]
do for [p = 1:panel_count] {
    top = header + ROW[p] * row_height + 24
    set tmargin at screen y_of(top)
    set bmargin at screen y_of(top + dots)
    set lmargin at screen from(COLUMN[p])
    set rmargin at screen to(COLUMN[p])
    set label 5 HEADING[p] at screen from(COLUMN[p]), screen y_of(top - 12)
    if (COLUMN[p] == 0) {
        set label 6 shorten(OWNER[p], int((names - 24) / 8.4)) at screen x_of(20), screen y_of(top - 12) font bold
        do for [i = 1:config_count] {
            set label 20 + i tagged(i) at screen from(0) - x_of(12), first i right textcolor rgb config_colour(i)
        }
    }
    room = HIGH[p] > LOW[p] ? 0.06 * (HIGH[p] - LOW[p]) : HIGH[p] != 0 ? 0.05 * abs(HIGH[p]) : 1
    set xrange [LOW[p] - room:HIGH[p] + room]
    distance = tick(LOW[p] - room, HIGH[p] + room)
    set format x HIGH[p] >= 1e4 && distance >= 1e3 ? '%.0s%c' : '%.6g'
    if (HIGH[p] > LOW[p]) { set xtics distance } else { set xtics (sprintf('%.6g', HIGH[p]) HIGH[p]) }
    # A line down from the baseline's mean: what lies on one side of it is less, on the other more.
    unset arrow 1
    if (BASE[p] == BASE[p]) { set arrow 1 from first BASE[p], graph 0 to first BASE[p], graph 1 nohead linecolor rgb soft_text linewidth 1 dashtype 5 back }
    plot for [i = 1:config_count] data . sprintf('/compare-dots-%d.tsv', p) skip 1 using ($1 == i ? $2 : NaN):1:3 with xerrorbars pointtype 7 pointsize 0.8 linewidth 1.6 linecolor rgb config_colour(i) dashtype solid
    if (p == 1) { do for [i = 1:4] { unset label i } }
    unset label 6
    do for [i = 1:config_count] { unset label 20 + i }
}
unset label
unset arrow 1

# Both ends of the distribution: how many records were no older, and, for the tail, how many were.
set border 3
set ytics nomirror textcolor rgb text_colour
legend = laid_count < config_count ? sprintf('; the %d in colour above', laid_count) : ''
do for [s = 1:sink_count] {
    top = curves_top + (s - 1) * curve_row + 26
    set tmargin at screen y_of(top)
    set bmargin at screen y_of(top + curve_height)
    least_ms = 1e300
    most_ms = 0
    unset logscale
    set xrange [*:*]
    set yrange [*:*]
    do for [k = 1:laid_count] {
        if (curve(s, k) > 0) {
            stats curve_file(s, k) skip 1 using 1 nooutput
            if (STATS_min < least_ms) { least_ms = STATS_min }
            if (STATS_max > most_ms) { most_ms = STATS_max }
        }
    }
    shown = ''
    do for [k = 1:laid_count] { if (curve(s, k) > 0) { shown = shown . sprintf(' %d', k) } }
    set format x '%g'
    set xtics autofreq
    if (most_ms / least_ms < 4) {
        set xrange [least_ms - 0.04 * most_ms:most_ms * 1.04]
        set xtics step(1.08 * most_ms - least_ms, 6.0)
    } else {
        set logscale x
        set xrange [least_ms / 1.2:most_ms * 1.2]
        if (most_ms / least_ms < 40) { set xtics (0.1, 0.2, 0.3, 0.5, 0.7, 1, 2, 3, 5, 7, 10, 20, 30, 50, 70, 100, 200, 300, 500, 700, 1000, 2000, 3000, 5000, 7000, 10000, 20000, 30000, 50000) }
    }
    set xlabel 'latency from emission to the start of the service (ms)' offset 0, 0.3
    set lmargin at screen x_of(84)
    set rmargin at screen x_of(472)
    unset logscale y
    set yrange [0:1.02]
    set ytics 0.25
    set format y '%g'
    set label 1 sprintf('latency of %s, first replication%s', shorten(SINK[s], 24), legend) at screen x_of(84), screen y_of(top - 12)
    set ylabel 'share that was no older' offset 0.8
    plot for [k in shown] curve_file(s, k) skip 1 using 1:(1 - $2) with lines linetype int(k) linewidth 1.8
    set label 1 'its tail' at screen x_of(586), screen y_of(top - 12)
    set lmargin at screen x_of(586)
    set rmargin at screen x_of(978)
    set logscale y
    set yrange [1e-4:1.2]
    set ytics ('all' 1, '1 in 10' 0.1, '1 in 100' 0.01, '1 in 1000' 1e-3, '1 in 10⁴' 1e-4)
    set ylabel 'share that was older' offset 0.8
    plot for [k in shown] curve_file(s, k) skip 1 using 1:2 with lines linetype int(k) linewidth 1.8
    unset label 1
}
unset multiplot
set output
