# Two varied keys: maps of throughput, p99 and buffers used at peak. A dot marks the cells with at
# least 95 % of the best throughput.
#
#     gnuplot -c plots/compare-heat.gp results/x/charts/data [svg|png [OUTPUT]]
dir = ARGC > 0 ? ARG1 : '.'
terminal = ARGC > 1 ? ARG2 : 'svg'
output = ARGC > 2 ? ARG3 : 'compare-heat.' . terminal
set encoding utf8
set datafile separator "\t"
set datafile missing ''
set datafile commentschars ''
file = dir . '/compare-heat.tsv'

stats file skip 1 using 1 nooutput
rows = int(STATS_max) + 1
stats file skip 1 using 2 nooutput
columns = int(STATS_max) + 1
stats file skip 1 using 5 nooutput
best = STATS_max
array ROW[rows + 1]
array COLUMN[columns + 1]
short(text) = text[strstrt(text, '=') + 1:*]
stats file skip 1 using (ROW[int(column(1)) + 1] = short(strcol(3)), COLUMN[int(column(2)) + 1] = short(strcol(4)), 0) nooutput
first_key = ''
second_key = ''
stats file skip 1 using (first_key = strcol(3), second_key = strcol(4), 0) nooutput
first_key = first_key[1:strstrt(first_key, '=') - 1]
second_key = second_key[1:strstrt(second_key, '=') - 1]
width = 1000
height = 150 + 34 * rows
if (terminal eq 'png') { set terminal pngcairo noenhanced size width, height font 'sans-serif,9' background rgb 'white' } \
else { set terminal svg noenhanced size width, height font 'sans-serif,11' background rgb 'white' }
set output output
set multiplot
unset key
unset colorbox
set palette defined (0 '#f7fbff', 1 '#6baed6')
set xrange [-0.5:columns - 0.5]
set yrange [rows - 0.5:-0.5]
set xtics rotate by 35 right nomirror scale 0
set ytics nomirror scale 0
set xtics ('' 0)
do for [i = 1:columns] { set xtics add (COLUMN[i] i - 1) }
set ytics ('' 0)
do for [i = 1:rows] { set ytics add (ROW[i] i - 1) }
set xlabel second_key
set tmargin at screen 1 - 46.0 / height
set bmargin at screen 100.0 / height
shown(x) = x >= 1e6 ? sprintf('%.3gM', x / 1e6) : x >= 1e4 ? sprintf('%.3gk', x / 1e3) : sprintf('%.4g', x)
do for [panel = 0:2] {
    set lmargin at screen (100 + 300 * panel) / 1000.0
    set rmargin at screen (370 + 300 * panel) / 1000.0
    if (panel == 0) { set ylabel first_key } else { unset ylabel; unset ytics }
    set label 1 (panel == 0 ? 'records/s; dot: 95 % of the best' : panel == 1 ? 'latency p99 (ms)' : 'buffers used at peak') at graph 0, screen 1 - 24.0 / height
    mean = 5 + 2 * panel
    plot file skip 1 using 2:1:(column(mean)) with image, \
         '' skip 1 using 2:1:(shown(column(mean))) with labels textcolor rgb '#222222', \
         '' skip 1 using (column(2) + 0.36):(panel == 0 && column(5) >= 0.95 * best ? column(1) - 0.3 : NaN) with points pointtype 7 pointsize 0.7 linecolor rgb '#d6318b'
}
unset multiplot
set output
