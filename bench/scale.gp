# The charts of bench/scale.sh, and the exponents of the costs: straight lines through the logarithms.
# In the folder of the data: gnuplot -e "images='FOLDER'" scale.gp
set terminal pngcairo size 760,380 font "sans,10"
set fit quiet nolog
set grid lc rgb "#dddddd"
set logscale xy
set key top left
line(x) = a + b * x
power(x) = exp(a) * x ** b
LINE = "lc rgb '#0072b2' lw 1.5"
POINTS = "pt 7 ps 0.9 lc rgb '#0072b2'"

set fit errorvariables

data = 'parallelism.dat'
a = 1; b = 1
fit [log(9999):*] line(x) data using (log($2)):(log($2 * $4)) via a, b
print sprintf("bytes at rest against channels, from 10,000 channels on: exponent %.2f +- %.2f", b, b_err)
set output images . '/scale-memory.png'
set title "Memory at rest, everything counted"
set xlabel "channels"
set ylabel "bytes a channel"
set yrange [200:6000]
set xrange [80:1300000]
plot data using 2:4 with points @POINTS title "asked of the allocator", \
     data using 2:5 with points pt 6 ps 1.1 lc rgb "#d55e00" title "resident", \
     512 with lines dt 2 lc rgb "#666666" title "512 bytes"

a = 1; b = 0.3
set xrange [*:*]
set yrange [*:*]
fit line(x) data using (log($2)):(log($7)) via a, b
print sprintf("time an event against channels: exponent %.2f +- %.2f", b, b_err)
set output images . '/scale-events.png'
set title "Time an event"
set ylabel "nanoseconds"
set xrange [80:1300000]
set yrange [10:1000]
plot data using 2:7 with points @POINTS notitle, power(x) with lines @LINE title sprintf("x^{%.2f}", b)

a = 1; b = 1
set xrange [*:*]
set yrange [*:*]
fit line(x) 'time.dat' using (log($1)):(log($3)) via a, b
print sprintf("time against simulated time: exponent %.2f +- %.2f", b, b_err)
set output images . '/scale-time.png'
set title "A run of log-analytics.yaml"
set xlabel "simulated seconds"
set ylabel "seconds"
set xrange [8:400]
plot 'time.dat' using 1:3 with points @POINTS notitle, power(x) with lines @LINE title sprintf("x^{%.2f}", b)
