# The overview of a run on one time axis: records per second, pool usages, and how each vertex spends
# its time, in the colours of Flink's Web UI.
#
#     gnuplot -e "dir='results/x'" plots/overview.gp
#     gnuplot -c plots/overview.gp results/x [svg|png|dumb [OUTPUT [DATA]]]
here = ''
do for [i = 1:strlen(ARG0)] { if (ARG0[i:i] eq '/') { here = ARG0[1:i] } }
if (ARGC > 0) { dir = ARG1 }
if (ARGC > 1) { terminal = ARG2 }
if (ARGC > 2) { output = ARG3 }
if (ARGC > 3) { data = ARG4 }
chart = 'overview'
load here . 'common.gp'

# Where a vertex takes records in, that rate is shown; sources show what they emit.
rate_column(i) = is_in(with_rate_in, i) ? 'rate_in' : 'rate_out'
with_rate = ''
most_rate = 0.0
most_usage = 1.0
do for [i = 1:vertex_count] {
    if (is_in(with_rate_in, i) || is_in(with_rate_out, i)) {
        with_rate = with_rate . sprintf(' %d', i)
        stats vertex_file(i) using (column(rate_column(i)) > most_rate ? (most_rate = column(rate_column(i))) : 0) nooutput
    }
}
rate_unit = most_rate >= 20e6 ? 1e6 : most_rate >= 20e3 ? 1e3 : 1
rate_label = rate_unit == 1e6 ? 'million records/s' : rate_unit == 1e3 ? '1000 records/s' : 'records/s'
do for [i in with_out_usage] { stats vertex_file(i) using (column('out_usage_max') > most_usage ? (most_usage = column('out_usage_max')) : 0) nooutput }
do for [i in with_in_usage] { stats vertex_file(i) using (column('in_usage_max') > most_usage ? (most_usage = column('in_usage_max')) : 0) nooutput }

# The shares of a vertex's time, stacked from the bottom: busy, hard, soft, idle.
whole(row) = (column('busy') + column('hard') + column('soft') + column('idle')) / 100.0
busy_top(row) = column('busy') / whole(row)
hard_top(row) = (column('busy') + column('hard')) / whole(row)
soft_top(row) = (column('busy') + column('hard') + column('soft')) / whole(row)

if (is_dumb) { load here . 'overview-dumb.gp'; exit }

panel = 150
strip = vertex_count <= 6 ? 84 : vertex_count <= 12 ? 62 : 46
gap = 14
first_strip = 44 + 3 * (panel + gap) + 34
height = first_strip + vertex_count * (strip + 8) + 46
# The legend of the vertices may be longer than the panels beside it.
eval begin_picture
set multiplot
set lmargin at screen x_of(left)
set rmargin at screen 1 - x_of(right)
set label 1 full_title('rates, buffer pools and where time goes') at screen x_of(left), screen y_of(20) font bold front
set label 2 caption at screen 1 - x_of(12), screen y_of(20) right textcolor rgb soft_text
if (warmup_s > 0) { set object 1 rectangle from first 0, graph 0 to first warmup_s, graph 1 fillcolor rgb warm_colour fillstyle solid noborder behind }
set format x ''
top = 44

# Records per second.
set tmargin at screen y_of(top)
set bmargin at screen y_of(top + panel)
set ylabel rate_label offset 1.5
set yrange [0:most_rate > 0 ? most_rate / rate_unit * 1.08 : 1]
set key at screen 1 - x_of(right - 16), screen y_of(top - 4) left top Left reverse vertical samplen 2.4 spacing 1.1 maxrows 30
if (warmup_s > 0) { set label 3 'warm-up' at first warmup_s, graph 1 offset -0.6, -0.7 right textcolor rgb soft_text }
plot for [i in with_rate] vertex_file(i) using 't_s':(column(rate_column(i)) / rate_unit) with lines linetype int(i) title shorten(NAME[int(i)], 20) . (SUBTASKS[int(i)] > 1 ? sprintf(' ×%d', SUBTASKS[int(i)]) : '')
unset key
unset label 1
unset label 2
unset label 3

# Pool usages: the mean over a vertex's subtasks, in a band from the smallest to the largest.
set yrange [0:most_usage > 1 ? most_usage * 1.05 : 1.05]
set ytics 0, most_usage > 2 ? 1 : most_usage > 1.3 ? 0.5 : 0.25
set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead linecolor rgb soft_text linewidth 1 dashtype solid back
do for [side in 'out in'] {
    top = top + panel + gap
    set tmargin at screen y_of(top)
    set bmargin at screen y_of(top + panel)
    set ylabel side . 'PoolUsage' offset 1.5
    vertices = side eq 'out' ? with_out_usage : with_in_usage
    mean = side . '_usage'
    set label 3 (side eq 'out' ? 'senders’ pools: 1 is full,' : 'receivers’ pools: 1 is full') at screen 1 - x_of(right - 16), screen y_of(top + panel / 2 - 9) textcolor rgb soft_text
    set label 4 (side eq 'out' ? 'above 1 is overdraft' : '(exclusive and floating)') at screen 1 - x_of(right - 16), screen y_of(top + panel / 2 + 9) textcolor rgb soft_text
    if (words(vertices) > 0) {
        plot for [i in vertices] vertex_file(i) using 't_s':mean . '_min':mean . '_max' with filledcurves fillcolor rgb colour(i) fillstyle transparent solid 0.14 noborder, \
             for [i in vertices] vertex_file(i) using 't_s':mean with lines linetype int(i)
    }
}
unset arrow 1
unset label 3
unset label 4

# How each vertex spends its time.
set border 15
set yrange [0:100]
set ytics ('' 0, '50' 50, '100' 100)
unset object 1
unset grid
if (warmup_s > 0) { set arrow 2 from first warmup_s, graph 0 to first warmup_s, graph 1 nohead linecolor rgb 'white' linewidth 1.5 dashtype 2 front }
unset key
# The legend of the states, above the strips.
states = "'busy' 'back-pressured (soft)' 'back-pressured (hard)' 'idle'"
array AT[4] = [left, left + 90, left + 280, left + 470]
array FILL[4] = [busy_colour, soft_colour, hard_colour, idle_colour]
top = first_strip - 25
do for [i = 1:4] {
    set object 10 + i rectangle from screen x_of(AT[i]), screen y_of(top + 12) to screen x_of(AT[i] + 28), screen y_of(top) fillcolor rgb FILL[i] fillstyle solid border linecolor rgb 'black' linewidth 0.5
    set label 10 + i word(states, i) at screen x_of(AT[i] + 34), screen y_of(top + 6)
}
set object 15 rectangle from screen x_of(AT[1]), screen y_of(top + 12) to screen x_of(AT[1] + 28), screen y_of(top) fillcolor rgb 'white' fillstyle transparent pattern 4 noborder
set object 16 rectangle from screen x_of(AT[2]), screen y_of(top + 12) to screen x_of(AT[2] + 28), screen y_of(top) fillcolor rgb 'black' fillstyle transparent pattern 5 noborder
do for [i = 1:vertex_count] {
    top = first_strip + (i - 1) * (strip + 8)
    set tmargin at screen y_of(top)
    set bmargin at screen y_of(top + strip)
    set ylabel '% of time' offset 1.5
    if (i == 2) { do for [j = 11:16] { unset object j; unset label j } }
    if (i == vertex_count) { set ytics ('0' 0, '50' 50, '100' 100); set format x '%g'; set xlabel 'simulated time (s)' offset 0, 0.4 }
    set label 3 shorten(NAME[i], 22) at screen 1 - x_of(right - 16), screen y_of(top + 12) textcolor rgb colour(i) font bold
    if (is_in(with_state, i)) {
        stats vertex_file(i) using (column('t_s') >= warmup_s ? column('busy') / whole(row) : NaN) nooutput prefix 'BUSY'
        stats vertex_file(i) using (column('t_s') >= warmup_s ? (column('soft') + column('hard')) / whole(row) : NaN) nooutput prefix 'PRESSED'
        set label 4 sprintf('busy %.0f %%', BUSY_mean) at screen 1 - x_of(right - 16), screen y_of(top + 30) textcolor rgb text_colour
        set label 5 sprintf('back-pressured %.0f %%', PRESSED_mean) at screen 1 - x_of(right - 16), screen y_of(top + 47) textcolor rgb text_colour
        plot vertex_file(i) using 't_s':(0):(busy_top(row)) with filledcurves fillcolor rgb busy_colour fillstyle solid noborder, \
             '' using 't_s':(hard_top(row)):(soft_top(row)) with filledcurves fillcolor rgb soft_colour fillstyle solid noborder, \
             '' using 't_s':(busy_top(row)):(hard_top(row)) with filledcurves fillcolor rgb hard_colour fillstyle solid noborder, \
             '' using 't_s':(soft_top(row)):(100) with filledcurves fillcolor rgb idle_colour fillstyle solid noborder, \
             '' using 't_s':(hard_top(row)):(soft_top(row)) with filledcurves fillcolor rgb 'black' fillstyle transparent pattern 5 noborder, \
             '' using 't_s':(0):(busy_top(row)) with filledcurves fillcolor rgb 'white' fillstyle transparent pattern 4 noborder, \
             '' using 't_s':(busy_top(row)) with lines linetype 1 dashtype 1 linecolor rgb '#ee2222' linewidth 1, \
             '' using 't_s':(soft_top(row)) with lines linetype 1 dashtype 1 linecolor rgb 'black' linewidth 1
    }
}
unset multiplot
set output
