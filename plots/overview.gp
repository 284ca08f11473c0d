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
most_in_usage = 1.0
do for [i = 1:vertex_count] {
    if (is_in(with_rate_in, i) || is_in(with_rate_out, i)) {
        with_rate = with_rate . sprintf(' %d', i)
        stats vertex_file(i) using (column(rate_column(i)) > most_rate ? (most_rate = column(rate_column(i))) : 0, 0) nooutput
    }
}
rate_unit = most_rate >= 20e6 ? 1e6 : most_rate >= 20e3 ? 1e3 : 1
rate_label = rate_unit == 1e6 ? 'million records/s' : rate_unit == 1e3 ? '1000 records/s' : 'records/s'
do for [i in with_out_usage] { stats vertex_file(i) using (column('out_usage_max') > most_usage ? (most_usage = column('out_usage_max')) : 0, 0) nooutput }
do for [i in with_in_usage] { stats vertex_file(i) using (column('in_usage_max') > most_in_usage ? (most_in_usage = column('in_usage_max')) : 0, 0) nooutput }

# The shares of a vertex's time, stacked from the bottom: busy, hard, soft, idle.
told(row) = column('busy') + column('hard') + column('soft') + column('idle')
whole(row) = told(row) > 0 ? told(row) / 100.0 : 1
busy_top(row) = column('busy') / whole(row)
hard_top(row) = (column('busy') + column('hard')) / whole(row)
soft_top(row) = (column('busy') + column('hard') + column('soft')) / whole(row)

if (is_dumb) { load here . 'overview-dumb.gp'; exit }

panel = 150
gap = 28
# What the diagnosis says, in up to two lines.
words_1 = verdict
words_2 = ''
if (strlen(words_1) > 132) {
    cut = 132
    do for [k = 60:132] { if (words_1[k:k] eq ' ') { cut = k } }
    words_2 = shorten(words_1[cut + 1:], 132)
    words_1 = words_1[1:cut - 1]
}
header = words_1 eq '' ? 48 : words_2 eq '' ? 70 : 87
strip = vertex_count <= 6 ? 84 : vertex_count <= 12 ? 62 : 42
strip_gap = 8
first_strip = header + 3 * (panel + gap) + 26
height = first_strip + vertex_count * (strip + strip_gap) + 46
has_bands = vertex_count <= 8   # more would cover each other

# Means after the warm-up, which stand beside the strips.
array BUSY[vertex_count + 1]
array BUSIEST[vertex_count + 1]
array PRESSED[vertex_count + 1]
array MOST_PRESSED[vertex_count + 1]
do for [i in with_state] {
    sum_busy = 0.0; sum_busiest = 0.0; sum_pressed = 0.0; sum_most_pressed = 0.0; count = 0
    stats vertex_file(i) using (column('t_s') >= warmup_s && busy_top(row) >= 0 ? ( \
        count = count + 1, sum_busy = sum_busy + busy_top(row), \
        sum_busiest = sum_busiest + column('busy_max') / 10, \
        sum_most_pressed = sum_most_pressed + column('pressed_max') / 10, \
        sum_pressed = sum_pressed + soft_top(row) - busy_top(row)) : 0, 0) nooutput
    count = count > 0 ? count : NaN
    BUSY[int(i)] = sum_busy / count
    BUSIEST[int(i)] = sum_busiest / count
    PRESSED[int(i)] = sum_pressed / count
    MOST_PRESSED[int(i)] = sum_most_pressed / count
}

eval begin_picture
set multiplot
set lmargin at screen x_of(left)
set rmargin at screen 1 - x_of(right)
side_x = width - right + 16   # the column beside the panels
set label 1 full_title('rates, buffer pools and where time goes') at screen x_of(20), screen y_of(18) font bold
set label 5 words_1 at screen x_of(20), screen y_of(38)
set label 6 words_2 at screen x_of(20), screen y_of(55)
set label 2 caption at screen 1 - x_of(20), screen y_of(18) right textcolor rgb soft_text
if (warmup_s > 0) {
    set object 1 rectangle from first 0, graph 0 to first warmup_s, graph 1 fillcolor rgb warm_colour fillstyle solid noborder behind
    set label 3 sprintf('shaded: warm-up, %g s', warmup_s) at screen 1 - x_of(right), screen y_of(header - 10) right textcolor rgb soft_text
}

# The legend of the vertices may be longer than the first panel: it is drawn by hand.
legend_count = vertex_count <= 28 ? vertex_count : 28
do for [i = 1:legend_count] {
    y = header - 8 + 17.5 * i
    set arrow 100 + i from screen x_of(side_x), screen y_of(y) to screen x_of(side_x + 30), screen y_of(y) nohead linetype i
    set label 100 + i shorten(NAME[i], SUBTASKS[i] > 1 ? 15 : 20) . (SUBTASKS[i] > 1 ? sprintf(' ×%d', SUBTASKS[i]) : '') at screen x_of(side_x + 37), screen y_of(y)
}
if (legend_count < vertex_count) { set label 130 sprintf('and %d more', vertex_count - legend_count) at screen x_of(side_x + 37), screen y_of(header - 8 + 17.5 * 29) }
heading = "set label 4 note at screen x_of(left), screen y_of(top - 10) textcolor rgb soft_text"

# Records per second.
set format x ''
top = header
set tmargin at screen y_of(top)
set bmargin at screen y_of(top + panel)
set ylabel rate_label offset 0.7
set yrange [0:most_rate > 0 ? most_rate / rate_unit * 1.08 : 1]
note = 'records received by all subtasks of a vertex (sources: emitted)'
eval heading
if (words(with_rate) > 0) {
    plot for [i in with_rate] vertex_file(i) using 't_s':(column(rate_column(i)) / rate_unit) with lines linetype int(i)
} else {
    plot NaN   # an empty panel
}
unset label 1
unset label 2
unset label 3
unset label 5
unset label 6
do for [i = 1:30] { unset label 100 + i; unset arrow 100 + i }

# Pool usages: the mean over a vertex's subtasks, in a band from the smallest to the largest.
set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead linecolor rgb soft_text linewidth 1 dashtype solid back
do for [side in 'out in'] {
    top = top + panel + gap
    set tmargin at screen y_of(top)
    set bmargin at screen y_of(top + panel)
    set ylabel side . 'PoolUsage' offset 0.7
    vertices = side eq 'out' ? with_out_usage : with_in_usage
    mean = side . '_usage'
    most = side eq 'out' ? most_usage : most_in_usage
    set yrange [0:most * 1.05]
    set ytics 0, usage_step(most)
    note = (side eq 'out' ? 'senders’ pools, 1 is full, more is overdraft' : 'receivers’ pools, exclusive and floating buffers, 1 is full') . (has_bands ? ' (line: mean of the subtasks, band: least to most)' : ' (mean of the subtasks)')
    eval heading
    if (words(vertices) > 0) {
        if (has_bands) {
            plot for [i in vertices] vertex_file(i) using 't_s':mean . '_min':mean . '_max' with filledcurves fillcolor rgb colour(i) fillstyle transparent solid 0.14 noborder, \
                 for [i in vertices] vertex_file(i) using 't_s':mean with lines linetype int(i)
        } else {
            plot for [i in vertices] vertex_file(i) using 't_s':mean with lines linetype int(i)
        }
    }
}
unset arrow 1
unset label 4

# How each vertex spends its time. The legend of the states stands above the strips.
states = "'busy' 'back-pressured (soft)' 'back-pressured (hard)' 'idle'"
array AT[4] = [left, left + 90, left + 280, left + 470]
array FILL[4] = [busy_colour, soft_colour, hard_colour, idle_colour]
top = first_strip - 22
do for [i = 1:4] {
    set object 10 + i rectangle from screen x_of(AT[i]), screen y_of(top + 12) to screen x_of(AT[i] + 28), screen y_of(top) fillcolor rgb FILL[i] fillstyle solid border linecolor rgb 'black' linewidth 0.5
    set label 10 + i word(states, i) at screen x_of(AT[i] + 34), screen y_of(top + 6)
}
set object 15 rectangle from screen x_of(AT[1]), screen y_of(top + 12) to screen x_of(AT[1] + 28), screen y_of(top) fillcolor rgb 'white' fillstyle transparent pattern 4 noborder
set object 16 rectangle from screen x_of(AT[2]), screen y_of(top + 12) to screen x_of(AT[2] + 28), screen y_of(top) fillcolor rgb 'black' fillstyle transparent pattern 5 noborder
set border 15
set yrange [0:100]
set ytics ('' 0, '50' 50, '100' 100)
unset ylabel
unset object 1
unset grid
set label 20 'share of time (%)' at screen x_of(34), screen y_of(first_strip + vertex_count * (strip + strip_gap) / 2.0) center rotate by 90
if (warmup_s > 0) { set arrow 2 from first warmup_s, graph 0 to first warmup_s, graph 1 nohead linecolor rgb 'white' linewidth 1.5 dashtype 2 front }
do for [i = 1:vertex_count] {
    top = first_strip + (i - 1) * (strip + strip_gap)
    set tmargin at screen y_of(top)
    set bmargin at screen y_of(top + strip)
    if (i == vertex_count) {
        set ytics ('0' 0, '50' 50, '100' 100)
        set format x '%g'
        set xlabel 'simulated time (s)' offset 0, 0.4
    }
    # A box in the colours that the node has in the Web UI: the worst subtask decides (UI-2).
    unset object 2
    set object 3 rectangle from screen x_of(side_x - 7), screen y_of(top + strip) to screen x_of(side_x - 2), screen y_of(top) fillcolor rgb colour(i) fillstyle solid noborder
    unset label 4
    unset label 5
    small = strip < 60
    box_top = top + (small ? 2 : strip / 2.0 - 31)
    box_bottom = top + (small ? strip - 2 : strip / 2.0 + 31)
    set label 3 shorten(NAME[i], 19) at screen x_of(side_x + 8), screen y_of(box_top + 12) font bold front
    if (is_in(with_state, i)) {
        fill = node_fill(most_100(BUSIEST[i]), most_100(MOST_PRESSED[i]))
        set object 2 rectangle from screen x_of(side_x), screen y_of(box_bottom) to screen x_of(width - 10), screen y_of(box_top) fillcolor rgb fill fillstyle solid border linecolor rgb node_border(most_100(BUSIEST[i]), most_100(MOST_PRESSED[i])) linewidth 1.2 behind
        if (small) {
            set label 4 sprintf('busy %.0f %%, pressed %.0f %%', BUSY[i], PRESSED[i]) at screen x_of(side_x + 8), screen y_of(box_top + 28) front
        } else {
            set label 4 sprintf('busy %.0f %%', BUSY[i]) . (BUSIEST[i] > BUSY[i] + 5 ? sprintf(', up to %.0f %%', BUSIEST[i]) : '') at screen x_of(side_x + 8), screen y_of(box_top + 31) front
            set label 5 sprintf('back-pressured %.0f %%', PRESSED[i]) at screen x_of(side_x + 8), screen y_of(box_top + 49) front
        }
        plot vertex_file(i) using 't_s':(0):(busy_top(row)) with filledcurves fillcolor rgb busy_colour fillstyle solid noborder, \
             '' using 't_s':(hard_top(row)):(soft_top(row)) with filledcurves fillcolor rgb soft_colour fillstyle solid noborder, \
             '' using 't_s':(busy_top(row)):(hard_top(row)) with filledcurves fillcolor rgb hard_colour fillstyle solid noborder, \
             '' using 't_s':(soft_top(row)):(100) with filledcurves fillcolor rgb idle_colour fillstyle solid noborder, \
             '' using 't_s':(hard_top(row)):(soft_top(row)) with filledcurves fillcolor rgb 'black' fillstyle transparent pattern 5 noborder, \
             '' using 't_s':(0):(busy_top(row)) with filledcurves fillcolor rgb 'white' fillstyle transparent pattern 4 noborder, \
             '' using 't_s':(busy_top(row)) with lines dashtype solid linecolor rgb '#ee2222' linewidth 1, \
             '' using 't_s':(soft_top(row)) with lines dashtype solid linecolor rgb 'black' linewidth 1
    }
    if (i == 1) { do for [j = 11:20] { unset label j; unset object j } }
}
unset multiplot
set output
