# Buffers in use in a terminal of 80 columns: loaded by buffers.gp.
set print '-'
set terminal dumb nofeed mono size 79, 16 noenhanced
set xrange [0:end_s]
set key outside right top samplen 1 width 1
do for [word_i in rows] {
    i = int(word_i)
    most = 1.0
    set yrange [*:*]
    if (is_in(with_out_used, i)) { stats vertex_file(i) using (column('out_used') > most ? (most = column('out_used')) : 0, 0) nooutput }
    if (is_in(with_in_held, i)) { stats vertex_file(i) using (column('in_held') > most ? (most = column('in_held')) : 0, 0) nooutput }
    set yrange [0:most * 1.1]
    set title shorten(title, 30) . ': ' . shorten(NAME[i], 30) . ', buffers over time (s)'
    if (is_in(with_out_used, i)) {
        if (is_in(with_in_held, i)) {
            plot vertex_file(i) using 't_s':'out_used' with lines title 'output', '' using 't_s':'in_held' with lines title 'floating'
            print ''   # the plot ends without a newline
        } else {
            plot vertex_file(i) using 't_s':'out_used' with lines title 'output'
            print ''   # the plot ends without a newline
        }
    } else {
        plot vertex_file(i) using 't_s':'in_held' with lines title 'floating'
        print ''   # the plot ends without a newline
    }
}
