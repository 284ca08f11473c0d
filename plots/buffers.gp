# Buffers in use over time, pool by pool, against the pool's quota: output pools, the floating buffers
# of the inputs, and below them the task managers.
#
#     gnuplot -e "dir='results/x'" plots/buffers.gp
#     gnuplot -c plots/buffers.gp results/x [svg|png|dumb [OUTPUT [DATA]]]
here = ''
do for [i = 1:strlen(ARG0)] { if (ARG0[i:i] eq '/') { here = ARG0[1:i] } }
if (ARGC > 0) { dir = ARG1 }
if (ARGC > 1) { terminal = ARG2 }
if (ARGC > 2) { output = ARG3 }
if (ARGC > 3) { data = ARG4 }
chart = 'buffers'
load here . 'common.gp'

# The pools in the order of the data's way: "2i" is the input of vertex 2, "2o" its output. In a
# pipeline each row then holds a sender's pool and its receiver's.
pools = ''
rows = ''
do for [i = 1:vertex_count] {
    if (is_in(with_out_used, i) || is_in(with_in_held, i)) { rows = rows . sprintf(' %d', i) }
    if (is_in(with_in_held, i)) { pools = pools . sprintf(' %di', i) }
    if (is_in(with_out_used, i)) { pools = pools . sprintf(' %do', i) }
}

if (is_dumb) { load here . 'buffers-dumb.gp'; exit }

# Many task managers look alike: the ones that take most are shown, in their order.
managers_most = 8
array MANAGER_PEAK[manager_count + 1]
do for [m = 1:manager_count] {
    MANAGER_PEAK[m] = 0.0
    stats manager_file(m) using (column('tm_used_max') > MANAGER_PEAK[m] ? (MANAGER_PEAK[m] = column('tm_used_max')) : 0, 0) nooutput
}
array MANAGER_SHOWN[manager_count + 1]
do for [m = 1:manager_count] { MANAGER_SHOWN[m] = manager_count <= managers_most }
do for [n = 1:(manager_count > managers_most ? managers_most : 0)] {
    best = 0
    do for [m = 1:manager_count] { if (!MANAGER_SHOWN[m] && (best == 0 || MANAGER_PEAK[m] > MANAGER_PEAK[best > 0 ? best : 1])) { best = m } }
    MANAGER_SHOWN[best] = 1
}
managers = ''
do for [m = 1:manager_count] { if (MANAGER_SHOWN[m]) { managers = managers . sprintf(' %d', m) } }
managers_shown = words(managers)

pool_count = words(pools)
row_count = int((pool_count + 1) / 2)
panel = row_count <= 6 ? 120 : row_count <= 12 ? 92 : 70
gap = 52
manager_rows = int((managers_shown + 1) / 2)
top = 78
managers_top = top + row_count * (panel + gap) + (manager_count > managers_shown ? 26 : 0)
height = managers_top + manager_rows * (panel + gap)
eval begin_picture
column_width = (width - left - 24 - 70) / 2
set multiplot
set label 1 full_title('buffers in use against quotas') at screen x_of(left), screen y_of(20) font bold
set label 2 caption at screen 1 - x_of(24), screen y_of(20) right textcolor rgb soft_text
set object 11 rectangle from screen x_of(left), screen y_of(50) to screen x_of(left + 28), screen y_of(38) fillcolor rgb colour(1) fillstyle transparent solid 0.25 noborder
set arrow 11 from screen x_of(left), screen y_of(44) to screen x_of(left + 28), screen y_of(44) nohead linecolor rgb colour(1) linewidth 1.7
set label 11 'buffers in use: mean of the subtasks, from least to most' at screen x_of(left + 36), screen y_of(44)
set arrow 12 from screen x_of(left + 440), screen y_of(44) to screen x_of(left + 468), screen y_of(44) nohead linecolor rgb 'black' linewidth 1.4 dashtype solid
set label 12 'quota (present size of the pool)' at screen x_of(left + 476), screen y_of(44)
if (warmup_s > 0) { set object 1 rectangle from first 0, graph 0 to first warmup_s, graph 1 fillcolor rgb warm_colour fillstyle solid noborder behind }

count = panel > 80 ? 4.0 : 2.5

do for [n = 1:pool_count] {
    pool = word(pools, n)
    i = int(pool[1:strlen(pool) - 1])
    is_out = pool[strlen(pool):] eq 'o'
    x = left + ((n - 1) % 2) * (column_width + 70)
    y = top + int((n - 1) / 2) * (panel + gap)
    set lmargin at screen x_of(x)
    set rmargin at screen x_of(x + column_width)
    set tmargin at screen y_of(y)
    set bmargin at screen y_of(y + panel)
    if (n + 2 > pool_count && manager_count == 0) { set xlabel 'simulated time (s)' offset 0, 0.5 } else { unset xlabel }
    used = is_out ? 'out_used' : 'in_held'
    quota = is_out ? 'out_size' : 'in_size'
    has_quota = is_out ? is_in(with_out_size, i) : is_in(with_in_size, i)
    # The scale holds the largest value and the quota.
    most = 1.0
    stats vertex_file(i) using (column(used . '_max') > most ? (most = column(used . '_max')) : 0, 0) nooutput
    if (has_quota) { stats vertex_file(i) using (column(quota . '_max') > most ? (most = column(quota . '_max')) : 0, 0) nooutput }
    set yrange [0:most * 1.12]
    set ytics whole_step(most, count)
    set ylabel 'buffers' offset 0.6
    set label 3 shorten(NAME[i], 24) at screen x_of(x), screen y_of(y - 11) textcolor rgb colour(i) font bold
    set label 4 (is_out ? 'output pool' : 'input, floating buffers held') . (SUBTASKS[i] > 1 ? sprintf(' ×%d', SUBTASKS[i]) : '') at screen x_of(x + column_width), screen y_of(y - 11) right textcolor rgb soft_text
    if (has_quota) {
        plot vertex_file(i) using 't_s':used . '_min':used . '_max' with filledcurves fillcolor rgb colour(i) fillstyle transparent solid 0.25 noborder, \
             '' using 't_s':used with lines linetype i dashtype solid, \
             '' using 't_s':quota with lines linecolor rgb 'black' dashtype solid linewidth 1.4
    } else {
        plot vertex_file(i) using 't_s':used . '_min':used . '_max' with filledcurves fillcolor rgb colour(i) fillstyle transparent solid 0.25 noborder, \
             '' using 't_s':used with lines linetype i dashtype solid
    }
    do for [j = 11:12] { unset label j; unset object j; unset arrow j }
    unset label 1
    unset label 2
}

# Task managers: what is taken from the global pool. Its size is told in words, it is far above.
if (manager_count > managers_shown) {
    set label 5 sprintf('The %d of %d task managers that take most', managers_shown, manager_count) at screen x_of(left), screen y_of(managers_top - 40) textcolor rgb soft_text
}
do for [n = 1:managers_shown] {
    m = int(word(managers, n))
    x = left + ((n - 1) % 2) * (column_width + 70)
    y = managers_top + int((n - 1) / 2) * (panel + gap)
    set lmargin at screen x_of(x)
    set rmargin at screen x_of(x + column_width)
    set tmargin at screen y_of(y)
    set bmargin at screen y_of(y + panel)
    if (n + 2 > managers_shown) { set xlabel 'simulated time (s)' offset 0, 0.5 } else { unset xlabel }
    most = MANAGER_PEAK[m] > 1 ? MANAGER_PEAK[m] : 1.0
    total = 0.0
    if (MANAGER_TOTAL[m] > 0) { stats manager_file(m) using (column('tm_total') > total ? (total = column('tm_total')) : 0, 0) nooutput }
    set yrange [0:most * 1.12]
    set ytics whole_step(most, count)
    set ylabel 'segments' offset 0.6
    set label 3 shorten(MANAGER[m], 26) at screen x_of(x), screen y_of(y - 11) textcolor rgb text_colour font bold
    set label 4 'task manager, segments taken' . (total > 0 ? sprintf(' of %.0f', total) : '') at screen x_of(x + column_width), screen y_of(y - 11) right textcolor rgb soft_text
    plot manager_file(m) using 't_s':(0):'tm_used' with filledcurves fillcolor rgb '#444444' fillstyle transparent solid 0.25 noborder, \
         '' using 't_s':'tm_used' with lines linecolor rgb '#444444' dashtype solid linewidth 1.7
    unset label 5
}
unset multiplot
set output
