# Finding 3: latency against messages, a line a load, a point a buffer timeout.
#
#     gnuplot -c docs/findings/timeout.gp results/timeout results/timeout-off timeout.png
set encoding utf8
set datafile separator ','
set terminal pngcairo noenhanced size 1000, 470 font 'sans-serif,10' background rgb 'white'
set output ARG3
timeouts = '0 1ms 10ms 100ms off'
loads = '1% 10% 90%'
colours = '#1f3b73 #e08214 #1b8a4a'

# Of configuration 4 x load + timeout: messages a second, p50, p99; "off" comes from the second folder.
array MESSAGES[15]
array P50[15]
array P99[15]
place(config, is_off) = is_off ? 5 * config : 5 * int((config - 1) / 4) + (int(config) - 1) % 4 + 1
do for [folder = 0:1] {
    stats (folder == 0 ? ARG1 : ARG2) . '/compare.csv' skip 1 using ( \
        at = place($1, folder), strcol(3) ne 'sink' ? 0 : \
        strcol(4) eq 'numBuffersIn.rate' ? (MESSAGES[at] = $7) : strcol(4) eq 'latencyMs.p50' ? (P50[at] = $7) : \
        strcol(4) eq 'latencyMs.p99' ? (P99[at] = $7) : 0, 0) nooutput
}
set print $points
do for [load = 1:3] {
    do for [timeout = 1:5] {
        at = 5 * (load - 1) + timeout
        print sprintf('%d,%g,%g,%g,%s', load, MESSAGES[at], P50[at], P99[at], word(timeouts, timeout))
    }
}
unset print

set logscale xy
set border 3 linecolor rgb '#888888'
set tics nomirror out scale 0.5 textcolor rgb '#222222'
set grid xtics ytics linecolor rgb '#d4d4d4' linetype 1 linewidth 0.7
set format '%g'
set xrange [0.6:30000]
set yrange [0.2:6000]
set xlabel 'messages/s that the sinks receive'
set ylabel 'latency (ms)'
set key right top reverse Left title 'load, as a part of capacity'
set title 'Buffer timeout: p99 (full points, with the timeout) and p50 (hollow points) against messages' font 'sans-serif:Bold'
plot for [load = 1:3] $points using ($1 == load ? $2 : NaN):4 with linespoints pointtype 7 linewidth 1.8 linecolor rgb word(colours, load) title word(loads, load), \
     for [load = 1:3] '' using ($1 == load ? $2 : NaN):3 with linespoints pointtype 6 linewidth 1.2 dashtype 2 linecolor rgb word(colours, load) notitle, \
     '' using ($1 == 1 ? $2 : NaN):4:5 with labels offset -0.8, -0.5 right textcolor rgb word(colours, 1) notitle, \
     '' using ($1 == 2 ? $2 : NaN):4:5 with labels offset 0.9, 0.5 left textcolor rgb word(colours, 2) notitle, \
     '' using ($1 == 3 ? $2 : NaN):4:5 with labels offset 0.4, 0.9 left textcolor rgb word(colours, 3) notitle
