# Finding 6: throughput against the buffers of a channel, over links of three latencies, with what the
# formula promises: buffers x size / round trip, as long as the sink can take it.
#
#     gnuplot -c docs/findings/links.gp results/links results/links-slow links.png
set encoding utf8
set datafile separator ','
set terminal pngcairo noenhanced size 1000, 470 font 'sans-serif,10' background rgb 'white'
set output ARG3
array LATENCY[4] = [0.1, 1, 10, 10]   # ms one way; the last is the slow source
array LIMIT[4] = [98880, 98880, 98880, 20000]
colours = '#1f3b73 #e08214 #1b8a4a #7b3294'

# The floating buffers of the configurations of a latency, in their order; a channel has 2 exclusive ones more.
floating = '1 8 32 64 128'
floating_slow = '1 8 16 32 64'
buffers(list, config) = 2 + real(word(list, (int(config) - 1) % 5 + 1))
of_sink(value) = strcol(3) eq 'sink' && strcol(4) eq 'numRecordsIn.rate' ? value : NaN
of_row(row, value) = int(($1 - 1) / 5) + 1 == row ? of_sink(value) : NaN
promise(row, buffers) = buffers * 32768 / (2e-3 * LATENCY[row]) / 1000
formula(row, buffers) = promise(row, buffers) < LIMIT[row] ? promise(row, buffers) : LIMIT[row]

set logscale xy
set border 3 linecolor rgb '#888888'
set tics nomirror out scale 0.5 textcolor rgb '#222222'
set grid xtics ytics linecolor rgb '#d4d4d4' linetype 1 linewidth 0.7
set format '%.0s%c'
set xtics (2, 3, 5, 10, 18, 34, 66, 130, 200)
set xrange [2:200]
set samples 400
set yrange [700:150000]
set xlabel 'buffers of the channel: 2 exclusive and the floating ones'
set ylabel 'records/s of 1 kB'
set key right bottom reverse Left
set title 'Throughput against buffers (points, 95 % intervals), and what the formula promises (lines)' font 'sans-serif:Bold'
name(row) = row == 4 ? '10 ms, a source of 20k/s: buffers travel half empty' : sprintf('%g ms one way, unlimited source', LATENCY[row])
plot for [row = 1:3] formula(row, x) with lines linewidth 1.6 dashtype 1 linecolor rgb word(colours, row) notitle, \
     formula(4, x) with lines linewidth 1.6 dashtype 2 linecolor rgb word(colours, 4) notitle, \
     for [row = 1:3] ARG1 . '/compare.csv' skip 1 using (buffers(floating, $1)):(of_row(row, $7)):8 with yerrorbars pointtype 7 linecolor rgb word(colours, row) title name(row), \
     ARG2 . '/compare.csv' skip 1 using (buffers(floating_slow, $1)):(of_sink($7)):8 with yerrorbars pointtype 5 linecolor rgb word(colours, 4) title name(4)
