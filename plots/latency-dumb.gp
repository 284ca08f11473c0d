# The latency distribution in a terminal of 80 columns: loaded by latency.gp.
set print '-'
set terminal dumb nofeed mono size 79, 22 noenhanced
set logscale xy
set xrange [low_ms:high_ms]
set yrange [least_share:1.3]
set format y '%g'
set format x '%g'
set title shorten(title, 30) . ': share of the records later than x ms'
set key outside right top samplen 1 width 1
plot for [i = 1:curve_count] curve_file(i) using 'ms':'share_later' with lines title shorten(CURVE_NAME[i], 14)
print ''   # the plot ends without a newline
do for [i = 1:curve_count] {
    print sprintf('  %-24s p50 %10s   p99 %10s   max %10s', shorten(CURVE_NAME[i], 24), milliseconds(P50[i]), milliseconds(P99[i]), milliseconds(MOST[i]))
}
