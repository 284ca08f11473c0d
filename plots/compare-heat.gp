# Two varied keys: maps of throughput, p99 and memory used at peak, and in each of them the contour
# around the cells that have at least 95 % of the best throughput.
#
#     gnuplot -e "dir='results/compare-x'" plots/compare-heat.gp
#     gnuplot -c plots/compare-heat.gp results/compare-x [svg|png [OUTPUT [DATA]]]
here = ''
do for [i = 1:strlen(ARG0)] { if (ARG0[i:i] eq '/') { here = ARG0[1:i] } }
if (ARGC > 0) { dir = ARG1 }
if (ARGC > 1) { terminal = ARG2 }
if (ARGC > 2) { output = ARG3 }
if (ARGC > 3) { data = ARG4 }
chart = 'compare-heat'
load here . 'common.gp'
load here . 'compare-common.gp'
file = data . '/compare-heat.tsv'

rows = 0
columns = 0
best = 0.0
stats file skip 1 using ( \
    rows = column(1) >= rows ? int(column(1)) + 1 : rows, columns = column(2) >= columns ? int(column(2)) + 1 : columns, \
    best = column(5) > best ? column(5) : best, 0) nooutput
array ROW[rows + 1]
array COLUMN[columns + 1]
stats file skip 1 using (ROW[int(column(1)) + 1] = strcol(3), COLUMN[int(column(2)) + 1] = strcol(4), 0) nooutput
comma = strstrt(keys, ', ')
row_key = keys[1:comma - 1]
column_key = keys[comma + 2:*]
widest = 0
do for [i = 1:rows] { if (strlen(ROW[i]) > widest) { widest = strlen(ROW[i]) } }
widest = widest > 16 ? 16 : widest
tallest = 0
do for [i = 1:columns] { if (strlen(COLUMN[i]) > tallest) { tallest = strlen(COLUMN[i]) } }
tallest = tallest > 16 ? 16 : tallest

# The line stands between cells that have 95 % of the best throughput and cells that have not.
array RATE[rows * columns + 1]
do for [i = 1:rows * columns] { RATE[i] = NaN }
stats file skip 1 using (RATE[int(column(1)) * columns + int(column(2)) + 1] = column(5), 0) nooutput
is_good(i, j) = i >= 0 && i < rows && j >= 0 && j < columns && RATE[i * columns + j + 1] >= 0.95 * best
contour_colour = '#c51b7d'
has_contour = 0
do for [i = 1:rows * columns] { if (!(RATE[i] >= 0.95 * best)) { has_contour = 1 } }
set print $line
do for [i = 0:rows - 1] {
    do for [j = 0:columns - 1] {
        if (i > 0 && is_good(i, j) != is_good(i - 1, j)) { print sprintf("%g\t%g\n%g\t%g\n", j - 0.5, i - 0.5, j + 0.5, i - 0.5) }
        if (j > 0 && is_good(i, j) != is_good(i, j - 1)) { print sprintf("%g\t%g\n%g\t%g\n", j - 0.5, i - 0.5, j - 0.5, i + 0.5) }
    }
}
unset print

array LEAST[3]
array MOST[3]
do for [i = 1:3] {
    LEAST[i] = 1e300
    MOST[i] = -1e300
    stats file skip 1 using (column(4 + i) < LEAST[i] ? (LEAST[i] = column(4 + i)) : 0, column(4 + i) > MOST[i] ? (MOST[i] = column(4 + i)) : 0, 0) nooutput
    if (MOST[i] < LEAST[i]) { LEAST[i] = 0 }   # no configuration has it
}

shown(x) = x != x ? '–' : x >= 1e6 ? sprintf('%.3gM', x / 1e6) : x >= 1e4 ? sprintf('%.3gk', x / 1e3) : x >= 100 ? sprintf('%.0f', x) : sprintf('%.3g', x)
what(panel) = panel == 0 ? 'records/s' : panel == 1 ? 'latency p99 (ms)' : 'memory used at peak (MiB)'
if (is_dumb) { load here . 'compare-heat-dumb.gp'; exit }

side = 34 + character * widest
cell = 40
foot = 34 + (tallest > 5 ? 4.2 * tallest : 0)
height = 78 + cell * rows + foot + 14
eval begin_picture
set border 0
set multiplot
unset key
unset colorbox
unset grid
set palette defined (0 '#f7fbff', 1 '#6baed6')
set label 1 full_title('two keys') at screen x_of(20), screen y_of(18) font bold
set label 2 caption at screen 1 - x_of(20), screen y_of(18) right textcolor rgb soft_text
set label 3 'down: ' . shorten(row_key, 48) . ';  across: ' . shorten(column_key, 48) at screen x_of(20), screen y_of(38) textcolor rgb soft_text
set label 5 has_contour ? 'line: 95 % of the best throughput' : 'everywhere 95 % of the best throughput' at screen 1 - x_of(20), screen y_of(38) right textcolor rgb contour_colour
set xrange [-0.5:columns - 0.5]
set yrange [rows - 0.5:-0.5]
set xtics ('' 0) scale 0
if (tallest > 5) { set xtics rotate by 35 right } else { set xtics norotate }
do for [i = 1:columns] { set xtics add (shorten(COLUMN[i], 16) i - 1) }
set tmargin at screen y_of(78)
set bmargin at screen y_of(78 + cell * rows)
panel_width = (width - 20 - side - 2 * 24) / 3.0
do for [panel = 0:2] {
    start = side + panel * (panel_width + 24)
    set lmargin at screen x_of(start)
    set rmargin at screen x_of(start + panel_width)
    if (panel == 0) {
        set ytics ('' 0) scale 0
        do for [i = 1:rows] { set ytics add (shorten(ROW[i], 16) i - 1) }
    } else { unset ytics }
    set label 4 what(panel) at graph 0, screen y_of(66)
    value = 5 + panel
    set cbrange [LEAST[panel + 1]:MOST[panel + 1] > LEAST[panel + 1] ? MOST[panel + 1] : LEAST[panel + 1] + 1]
    if (has_contour) {
        plot file skip 1 using 2:1:(0.5):(0.5):(column(value)) with boxxyerror fillcolor palette fillstyle solid noborder, \
             '' skip 1 using 2:1:(shown(column(value))) with labels textcolor rgb text_colour, \
             $line using 1:2 with lines linecolor rgb contour_colour linewidth 3 dashtype solid
    } else {
        plot file skip 1 using 2:1:(0.5):(0.5):(column(value)) with boxxyerror fillcolor palette fillstyle solid noborder, \
             '' skip 1 using 2:1:(shown(column(value))) with labels textcolor rgb text_colour
    }
    do for [i in '1 2 3 5'] { unset label int(i) }
}
unset multiplot
set output
