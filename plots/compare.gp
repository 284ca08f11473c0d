# A comparison: means with their 95 % intervals for each configuration, and the latency distributions
# of the first replication laid over each other.
#
#     gnuplot -c plots/compare.gp results/x/charts/data [svg|png [OUTPUT]]
dir = ARGC > 0 ? ARG1 : '.'
terminal = ARGC > 1 ? ARG2 : 'svg'
output = ARGC > 2 ? ARG3 : 'compare.' . terminal
set encoding utf8
set datafile separator "\t"
set datafile missing ''
set datafile commentschars ''

stats dir . '/compare.tsv' skip 1 using (1) nooutput
count = int(STATS_records)
array LABEL[count + 1]
sink = ''
row = 0
least_ms = 1e300
most_ms = 0
stats dir . '/compare.tsv' skip 1 using (row = row + 1, LABEL[row] = strcol(1), sink = strcol(2), 0) nooutput
curve(i) = dir . sprintf('/compare-latency-%d.tsv', i)
do for [i = 1:count] {
    rows = int(system('wc -l < ' . "'" . curve(i) . "'"))
    if (rows > 1) {
        stats curve(i) skip 1 using 1 nooutput
        if (STATS_min < least_ms) { least_ms = STATS_min }
        if (STATS_max > most_ms) { most_ms = STATS_max }
    }
}

colours = '#1f3b73 #e08214 #1b8a4a #7b3294 #12a0a8 #d6318b #8c5a1c #8f9600 #4d4d4d #6aa84f #a61c00 #674ea7'
colour(i) = word(colours, (int(i) - 1) % 12 + 1)
soft_text = '#666666'
grid_colour = '#d4d4d4'
longest = 0
do for [i = 1:count] { if (strlen(LABEL[i]) > longest) { longest = strlen(LABEL[i]) } }
longest = longest > 44 ? 44 : longest
shorten(text) = strlen(text) <= 44 ? text : text[1:43] . '…'
width = 1000
dots = 70 + 24 * count          # height of a row of panels with dots
height = dots + 400
if (terminal eq 'png') { set terminal pngcairo noenhanced size width, height font 'sans-serif,10' background rgb 'white' } \
else { set terminal svg noenhanced size width, height font 'sans-serif,12' background rgb 'white' }
set output output
bold = terminal eq 'png' ? 'sans-serif:Bold' : 'sans-serif Bold'

y_of(pixels) = 1 - pixels / (1.0 * height)
names = 24 + 7.6 * longest      # pixels for the labels
from(panel) = (names + panel * (width - names) / 4.0) / width
to(panel) = (names + (panel + 1) * (width - names) / 4.0 - 26) / width
set multiplot
set border 1 linecolor rgb '#222222'
set grid xtics linetype 1 linecolor rgb grid_colour linewidth 0.7
set tmargin at screen y_of(46)
set bmargin at screen y_of(dots)
set yrange [count + 0.6:0.4]
unset key
set xtics rotate by 0 nomirror
set format x '%.3s%c'
do for [panel = 0:3] {
    set lmargin at screen from(panel)
    set rmargin at screen to(panel)
    unset ytics
    if (panel == 0) {
        set label 1 'comparison: ' . sink at screen 20.0 / width, screen y_of(16) font bold
        set label 2 'mean and 95 % interval' at screen 1 - 20.0 / width, screen y_of(16) right textcolor rgb soft_text
        do for [i = 1:count] { set label 10 + i shorten(LABEL[i]) at screen from(0) - 8.0 / width, first i right textcolor rgb colour(i) }
    } else { unset label }
    title_of = panel == 0 ? 'records/s' : panel == 1 ? 'latency p50 (ms)' : panel == 2 ? 'latency p99 (ms)' : 'buffers used at peak'
    set label 3 title_of at graph 0, screen y_of(36)
    mean = 3 + 2 * panel
    set xrange [*:*]
    set yrange [*:*]
    stats dir . '/compare.tsv' skip 1 using (column(mean) - column(mean + 1)):(column(mean) + column(mean + 1)) nooutput
    low = STATS_min_x
    high = STATS_max_y
    room = high > low ? 0.08 * (high - low) : 0.05 * abs(high) + 1e-9
    set xrange [low - room:high + room]
    set yrange [count + 0.6:0.4]
    reach = high - low + 2 * room
    first_tick = (high + low) / 2 - reach * 0.35
    set xtics first_tick, reach * 0.7 format '%.5g'
    plot for [i = 1:count] dir . '/compare.tsv' skip 1 every ::(i - 1)::(i - 1) using (column(mean)):(i):(column(mean + 1)) with xerrorbars pointtype 7 pointsize 0.7 linewidth 1.6 linecolor rgb colour(i)
}
unset label
if (most_ms > 0) {
    set lmargin at screen 84.0 / width
    set rmargin at screen 1 - 30.0 / width
    set tmargin at screen y_of(dots + 70)
    set bmargin at screen y_of(height - 50)
    set border 3
    set logscale x
    set format x '%g'
    set xtics auto nomirror
    set xrange [least_ms / 1.2:most_ms * 1.2]
    set yrange [0:1.02]
    set ytics 0.25 nomirror
    set grid xtics ytics
    set label 1 'latency of the first replication' at screen 84.0 / width, screen y_of(dots + 56)
    set xlabel 'latency from the source’s emission to the start of the service (ms)'
    set ylabel 'share of the records that were no older'
    plot for [i = 1:count] curve(i) skip 1 using 1:2 with lines linewidth 1.8 linecolor rgb colour(i) notitle
}
unset multiplot
set output
