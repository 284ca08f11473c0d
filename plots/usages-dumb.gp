# The four usages in a terminal of 80 columns: loaded by usages.gp.
set print '-'
set terminal dumb nofeed mono size 79, 14 noenhanced
set xrange [0:end_s]
set key outside right top samplen 1 width 1
array SHORT[4] = ['out', 'in', 'exclusive', 'floating']
do for [word_i in rows] {
    i = int(word_i)
    shown = ''
    most = 1.0
    do for [k = 1:4] {
        if (is_in(WITH[k], i)) {
            shown = shown . sprintf(' %d', k)
            stats vertex_file(i) using (column(COLUMN[k]) > most ? (most = column(COLUMN[k])) : 0, 0) nooutput
        }
    }
    set yrange [0:most * 1.1]
    set title shorten(title, 30) . ': ' . shorten(NAME[i], 30) . ', usages over time (s)'
    plot for [k in shown] vertex_file(i) using 't_s':COLUMN[int(k)] with lines title SHORT[int(k)]
    print ''   # the plot ends without a newline
}
