# The latency distribution of each vertex: which share of the records took longer than x, from the
# source's emission to the start of the service.
#
#     gnuplot -e "dir='results/x'" plots/latency.gp
#     gnuplot -c plots/latency.gp results/x [svg|png|dumb [OUTPUT [DATA]]]
here = ''
do for [i = 1:strlen(ARG0)] { if (ARG0[i:i] eq '/') { here = ARG0[1:i] } }
if (ARGC > 0) { dir = ARG1 }
if (ARGC > 1) { terminal = ARG2 }
if (ARGC > 2) { output = ARG3 }
if (ARGC > 3) { data = ARG4 }
chart = 'latency'
load here . 'common.gp'

curve_count = int(latency_vertices)
if (curve_count == 0) {
    printerr 'no latency chart: the result folder has no latency.csv, or no record arrived'
    exit status 1
}
array CURVE[curve_count]     # the vertex's number, which gives the colour
array CURVE_NAME[curve_count]
array P50[curve_count]
array P99[curve_count]
array MOST[curve_count]
row = 0
least_ms = 1e300
most_ms = 0.0
most_records = 1.0
stats data . '/latency.tsv' using ( \
    row = row + 1, CURVE_NAME[row] = stringcolumn('name'), P50[row] = column('p50_ms'), \
    P99[row] = column('p99_ms'), MOST[row] = column('max_ms'), \
    most_ms = column('max_ms') > most_ms ? column('max_ms') : most_ms, \
    most_records = column('records') > most_records ? column('records') : most_records, 0) nooutput
curve_file(i) = data . sprintf('/latency-%d.tsv', int(i))
do for [i = 1:curve_count] {
    CURVE[i] = i
    do for [v = 1:vertex_count] { if (NAME[v] eq CURVE_NAME[i]) { CURVE[i] = v } }
    stats curve_file(i) using (column('ms') < least_ms ? (least_ms = column('ms')) : 0, 0) nooutput
}

# The axis ends where records end: one in most_records is the smallest share there is.
decades = ceil(log10(most_records))
decades = decades < 3 ? 3 : decades > 6 ? 6 : decades
least_share = 10.0 ** (-decades)
# Full decades would leave a narrow distribution in a corner.
low_ms = least_ms / 1.25
high_ms = most_ms * 1.25
milliseconds(ms) = ms < 9.95 ? sprintf('%.2g ms', ms) : ms < 999.5 ? sprintf('%.0f ms', ms) : sprintf('%.3g s', ms / 1000)

# A narrow range gets ticks between the decades.
if (high_ms / low_ms < 3) {
    apart = step(high_ms - low_ms, 6.0)
    set xtics ('' low_ms)
    do for [i = ceil(low_ms / apart):floor(high_ms / apart)] { set xtics add (sprintf('%g', i * apart) i * apart) }
} else { if (high_ms / low_ms < 30) {
    set xtics (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70)
    set xtics add (100, 150, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000, 7000, 10000, 15000, 20000)
    set xtics add (30000, 50000, 100000, 200000, 500000, 1000000)
} else {
    set xtics 10
    set mxtics 10
} }

if (is_dumb) { load here . 'latency-dumb.gp'; exit }

right = 372
left = 112
height = 470 > 130 + 19 * curve_count ? 470 : 130 + 19 * curve_count
eval begin_picture
set lmargin at screen x_of(left)
set rmargin at screen 1 - x_of(right)
set tmargin at screen y_of(44)
set bmargin at screen y_of(height - 56)
set label 1 full_title('latency') at screen x_of(left), screen y_of(20) font bold
set label 2 caption at screen 1 - x_of(20), screen y_of(20) right textcolor rgb soft_text
set logscale xy
set xrange [low_ms:high_ms]
set yrange [least_share:1.3]
set xlabel 'latency from the source’s emission to the start of the service (ms)' offset 0, 0.3
set ylabel 'share of the records that took longer' offset 0.8
set format x '%g'
set ytics ('all' 1, '1 in 10' 0.1, '1 in 100' 0.01, '1 in 1000' 1e-3, '1 in 10⁴' 1e-4, '1 in 10⁵' 1e-5, '1 in 10⁶' 1e-6)
if (high_ms / low_ms < 300) { set grid mxtics }
set grid xtics ytics linetype 1 linecolor rgb grid_colour linewidth 0.7 dashtype solid
# The median and the 99th percentile, as lines across and as points on the curves.
set arrow 1 from graph 0, first 0.5 to graph 1, first 0.5 nohead linecolor rgb soft_text linewidth 1 dashtype 5 back
set arrow 2 from graph 0, first 0.01 to graph 1, first 0.01 nohead linecolor rgb soft_text linewidth 1 dashtype 5 back
set label 3 'p50' at graph 1, first 0.5 offset 0.4 textcolor rgb soft_text
set label 4 'p99' at graph 1, first 0.01 offset 0.4 textcolor rgb soft_text
# The legend is a table: name, p50, p99, max.
key_x = width - right + 46
set label 5 'p50' at screen x_of(width - 140), screen y_of(52) right textcolor rgb soft_text
set label 6 'p99' at screen x_of(width - 76), screen y_of(52) right textcolor rgb soft_text
set label 7 'max' at screen x_of(width - 12), screen y_of(52) right textcolor rgb soft_text
do for [i = 1:curve_count] {
    y = 54 + 19 * i
    set arrow 10 + i from screen x_of(key_x), screen y_of(y) to screen x_of(key_x + 32), screen y_of(y) nohead linetype CURVE[i]
    set label 100 + 4 * i shorten(CURVE_NAME[i], 13) at screen x_of(key_x + 38), screen y_of(y)
    set label 101 + 4 * i milliseconds(P50[i]) at screen x_of(width - 140), screen y_of(y) right
    set label 102 + 4 * i milliseconds(P99[i]) at screen x_of(width - 76), screen y_of(y) right
    set label 103 + 4 * i milliseconds(MOST[i]) at screen x_of(width - 12), screen y_of(y) right
}
plot for [i = 1:curve_count] curve_file(i) using 'ms':'share_later' with lines linetype CURVE[i], \
     for [i = 1:curve_count] data . '/latency.tsv' every ::(i-1)::(i-1) using "p50_ms":(0.5) with points pointtype 7 pointsize 0.8 linecolor rgb colour(CURVE[i]), \
     for [i = 1:curve_count] data . '/latency.tsv' every ::(i-1)::(i-1) using "p99_ms":(0.01) with points pointtype 5 pointsize 0.8 linecolor rgb colour(CURVE[i])
set output
