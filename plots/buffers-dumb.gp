# Buffers in use in a terminal of 80 columns: loaded by buffers.gp.
set print '-'
set terminal dumb nofeed mono size 79, 16 noenhanced
set xrange [0:end_s]
set yrange [0:1<*]
set key outside right top samplen 1 width 1
do for [word_i in rows] {
    i = int(word_i)
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
