# A recorded job and its simulation laid over each other, as `sluice validate --plot` writes them: what
# Flink did as a thin dark line, the range of the seeds as a band, their median as a line in its colour.
#
#     gnuplot -c plots/validation.gp DATA [svg|png [OUTPUT]]
if (ARGC > 0) { data = ARG1 }
terminal = ARGC > 1 ? ARG2 : 'svg'
output = ARGC > 2 ? ARG3 : 'validation.' . terminal
# A path must not begin with '<' or '|', which would start a program.
plain_path(path) = path[1:1] eq '/' ? path : './' . path
data = plain_path(data)
output = plain_path(output)

set encoding utf8
set datafile separator "\t"
set datafile missing ''

stats data . '/tracks.tsv' skip 1 using 1 nooutput
track_count = int(STATS_records)
array TRACK[track_count]
array PANEL[track_count]
array VERTEX[track_count]
array NAME[track_count]
array TITLE[track_count]
case = ''
seeds = 0
row = 0
stats data . '/tracks.tsv' using (row = row + 1, TRACK[row] = column('track'), PANEL[row] = column('panel'), \
    VERTEX[row] = column('vertex'), NAME[row] = stringcolumn('vertex_name'), TITLE[row] = stringcolumn('panel_title'), \
    case = stringcolumn('case'), seeds = column('seeds'), 0) nooutput

# Panels that have a track, and the longest time.
panels = ''
panel_count = 0
end_s = 0
vertex_count = 0
do for [p = 0:9] {
    found = 0
    do for [k = 1:track_count] { if (PANEL[k] == p) { found = 1 } }
    if (found) { panels = panels . sprintf(' %d', p); panel_count = panel_count + 1 }
}
do for [k = 1:track_count] {
    stats data . sprintf('/simulated-%d.tsv', int(TRACK[k])) skip 1 using 1 nooutput
    if (STATS_max > end_s) { end_s = STATS_max }
    if (VERTEX[k] + 1 > vertex_count) { vertex_count = VERTEX[k] + 1 }
}

colours = '#e08214 #1567bd #1b8a4a #7b3294 #12a0a8 #d6318b #8c5a1c #8f9600'
colour(v) = word(colours, int(v) % 8 + 1)
text_colour = '#222222'
soft_text = '#666666'
bold = terminal eq 'png' ? 'sans-serif:Bold' : 'sans-serif Bold'
width = 1000
left = 84
right = 24
panel = 120
gap = 34
top = 84
height = top + panel_count * (panel + gap) + 30
x_of(pixels) = pixels / (1.0 * width)
y_of(pixels) = 1 - pixels / (1.0 * height)

if (terminal eq 'png') { set terminal pngcairo noenhanced size width, height font 'sans-serif,10' background rgb 'white' } \
else { set terminal svg noenhanced size width, height font 'sans-serif,13' background rgb 'white' }
set output output
set border 3 linecolor rgb '#888888'
set tics nomirror out scale 0.5 textcolor rgb text_colour
set grid xtics ytics linecolor rgb '#d4d4d4' linetype 1 linewidth 0.7 dashtype solid
set xrange [0:end_s]
set yrange [0:*]
set offsets 0, 0, graph 0.04, 0
set lmargin at screen x_of(left)
set rmargin at screen x_of(width - right)
set multiplot
set label 1 case . ': recorded and simulated' at screen x_of(left), screen y_of(20) font bold
set label 2 sprintf('dark line: Flink; band: range of %d seeds, with their median', int(seeds)) \
    at screen 1 - x_of(right), screen y_of(20) right textcolor rgb soft_text
do for [v = 0:vertex_count - 1] {
    name = ''
    do for [k = 1:track_count] { if (VERTEX[k] == v) { name = NAME[k] } }
    x = left + v * ((width - left - right) / (vertex_count < 4 ? 4 : vertex_count))
    set arrow 10 + v from screen x_of(x), screen y_of(44) to screen x_of(x + 26), screen y_of(44) nohead \
        linecolor rgb colour(v) linewidth 4
    set label 10 + v name at screen x_of(x + 34), screen y_of(44)
}
set key off
set format x ''
do for [n = 1:panel_count] {
    p = int(word(panels, n))
    mine = ''
    do for [k = 1:track_count] { if (PANEL[k] == p) { mine = mine . sprintf(' %d', k); title = TITLE[k] } }
    # Ticks that a panel has room for: about four.
    most = 0.0
    do for [k in mine] {
        stats data . sprintf('/simulated-%d.tsv', int(TRACK[int(k)])) skip 1 using ($4 > most ? (most = $4) : 0) nooutput
        stats data . sprintf('/recorded-%d.tsv', int(TRACK[int(k)])) skip 1 using ($2 > most ? (most = $2) : 0) nooutput
    }
    decade = most > 0 ? 10.0 ** floor(log10(most / 4.0)) : 1
    part = most > 0 ? most / 4.0 / decade : 1
    set ytics decade * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10)
    y = top + (n - 1) * (panel + gap)
    set tmargin at screen y_of(y)
    set bmargin at screen y_of(y + panel)
    set label 3 title at graph 0, graph 1.07 font bold
    if (n == panel_count) { set format x '%g'; set xlabel 'time (s)' offset 0, 0.5 }
    plot for [w = 1:words(mine)] data . sprintf('/simulated-%d.tsv', int(TRACK[int(word(mine, w))])) skip 1 using 1:2:4 \
             with filledcurves fillcolor rgb colour(VERTEX[int(word(mine, w))]) fillstyle transparent solid 0.3 noborder, \
         for [w = 1:words(mine)] data . sprintf('/simulated-%d.tsv', int(TRACK[int(word(mine, w))])) skip 1 using 1:3 \
             with lines linecolor rgb colour(VERTEX[int(word(mine, w))]) linewidth 2, \
         for [w = 1:words(mine)] data . sprintf('/recorded-%d.tsv', int(TRACK[int(word(mine, w))])) skip 1 using 1:2 \
             with lines linecolor rgb '#202020' linewidth 0.9
    unset label 1
    unset label 2
    do for [v = 0:vertex_count - 1] { unset label 10 + v; unset arrow 10 + v }
}
unset multiplot
unset output
