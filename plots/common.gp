# What all charts share: where the data are, the facts of the run, the terminal, colours.
#
# Before this file is loaded `chart` is the name of the chart and `dir` a result folder. Optional:
# `terminal` (svg, png or dumb), `data` (the folder with the chart data; without it DIR/charts/data),
# `output` (the file to write; without it DIR/charts/CHART.TERMINAL; dumb writes to the terminal).

if (!exists('dir')) { dir = '.' }
if (!exists('terminal')) { terminal = 'svg' }
# A path must not begin with '<' or '|', which would start a program.
plain_path(path) = path[1:1] eq '/' ? path : './' . path
dir = plain_path(dir)
if (!exists('data')) { data = dir . '/charts/data' }
if (!exists('output')) { output = dir . '/charts/' . chart . '.' . terminal }
data = plain_path(data)
output = plain_path(output)
is_dumb = terminal eq 'dumb'

set encoding utf8
set datafile separator "\t"
set datafile missing ''
set datafile commentschars ''   # a name may begin with any character

# Without chart data the program makes them: `sluice` on the path, or what $SLUICE names.
quoted(text) = "'" . text . "'"
shell_data = ''
shell_dir = ''
do for [i = 1:strlen(data)] { shell_data = shell_data . (data[i:i] eq "'" ? "'\\''" : data[i:i]) }
do for [i = 1:strlen(dir)] { shell_dir = shell_dir . (dir[i:i] eq "'" ? "'\\''" : dir[i:i]) }
has_data = 'test -f ' . quoted(shell_data . '/run.tsv') . ' && echo 1 || echo 0'
if (!int(system(has_data))) {
    ignored = system('"${SLUICE:-sluice}" plot --terminal none ' . quoted(shell_dir) . ' 2>&1')
}
if (!int(system(has_data))) {
    printerr 'no chart data in ' . data . ': run "sluice plot --terminal none" on the result folder first'
    exit status 1
}

# --- The facts of the run ------------------------------------------------------------------------

title = ''; caption = ''; verdict = ''
end_s = 1.0; warmup_s = 0.0; latency_vertices = 0; manager_count = 0; vertex_count = 0
out_channels = 0; out_lines = 0; out_per_line = 1; out_most = 0.0
in_channels = 0; in_lines = 0; in_per_line = 1; in_most = 0.0
channel_ends = 0
keep(old, key) = strcol(1) eq key ? column(2) : old
stats data . '/run.tsv' skip 1 using ( \
    strcol(1) eq 'title' ? (title = strcol(2)) : strcol(1) eq 'caption' ? (caption = strcol(2)) : strcol(1) eq 'verdict' ? (verdict = strcol(2)) : 0, \
    end_s = keep(end_s, 'end_s'), warmup_s = keep(warmup_s, 'warmup_s'), \
    latency_vertices = keep(latency_vertices, 'latency_vertices'), \
    manager_count = keep(manager_count, 'task_managers'), vertex_count = keep(vertex_count, 'vertices'), \
    channel_ends = keep(channel_ends, 'channel_ends'), \
    out_channels = keep(out_channels, 'out_channels'), out_lines = keep(out_lines, 'out_lines'), \
    out_per_line = keep(out_per_line, 'out_per_line'), out_most = keep(out_most, 'out_most'), \
    in_channels = keep(in_channels, 'in_channels'), in_lines = keep(in_lines, 'in_lines'), \
    in_per_line = keep(in_per_line, 'in_per_line'), in_most = keep(in_most, 'in_most'), 0) nooutput
if (caption eq '-') { caption = '' }
if (verdict eq '-') { verdict = '' }
if (end_s <= 0) { end_s = 1.0 }   # a single sample
if (warmup_s >= end_s) { warmup_s = 0 }

# Vertices and task managers: names, and which of them has a metric ("1 3 4").

vertex_count = int(vertex_count)
manager_count = int(manager_count)
array NAME[vertex_count + 1]
array SUBTASKS[vertex_count + 1]
array MANAGER[manager_count + 1]
array MANAGER_TOTAL[manager_count + 1]
with_rate_in = ''; with_rate_out = ''; with_out_usage = ''; with_in_usage = ''
with_state = ''; with_in_exclusive = ''; with_in_floating = ''; with_out_used = ''; with_in_held = ''; with_in_queue = ''; with_out_size = ''; with_in_size = ''
add(list, name) = column(name) > 0 ? list . sprintf(' %d', row) : list
row = 0
if (vertex_count > 0) {
    stats data . '/vertices.tsv' using ( \
        row = row + 1, NAME[row] = stringcolumn('name'), SUBTASKS[row] = column('subtasks'), \
        with_rate_in = add(with_rate_in, 'rate_in'), with_rate_out = add(with_rate_out, 'rate_out'), \
        with_out_usage = add(with_out_usage, 'out_usage'), with_in_usage = add(with_in_usage, 'in_usage'), \
        with_state = add(with_state, 'busy'), \
        with_out_used = add(with_out_used, 'out_used'), with_out_size = add(with_out_size, 'out_size'), \
        with_in_held = add(with_in_held, 'in_held'), with_in_size = add(with_in_size, 'in_size'), \
        with_in_queue = add(with_in_queue, 'in_queue'), \
        with_in_exclusive = add(with_in_exclusive, 'in_exclusive'), with_in_floating = add(with_in_floating, 'in_floating'), 0) nooutput
}
row = 0
if (manager_count > 0) {
    stats data . '/taskmanagers.tsv' using (row = row + 1, MANAGER[row] = stringcolumn('name'), MANAGER_TOTAL[row] = column('tm_total'), 0) nooutput
}
vertex_file(i) = data . sprintf('/vertex-%d.tsv', int(i))
manager_file(i) = data . sprintf('/taskmanager-%d.tsv', int(i))
is_in(list, i) = strstrt(list . ' ', sprintf(' %d ', int(i))) > 0

# --- Looks ---------------------------------------------------------------------------------------

# Flink's Web UI: idle, busy, back-pressured (its border for hard back pressure).
idle_colour = '#5db1ff'
busy_colour = '#ee6464'
soft_colour = '#888888'
hard_colour = '#000000'

# The colour of a node in Flink's Web UI (UI-3): from idle to busy, then towards back-pressured, each
# channel of it rounded. Shares in percent.
blend(from, to, percent) = floor((to - from) * percent / 100.0 + from + 0.5)
node(idle, busy, pressed, b, p) = blend(blend(idle, busy, b), pressed, p)
node_fill(b, p) = sprintf('#%02x%02x%02x', node(0x5d, 0xee, 0x88, b, p), node(0xb1, 0x64, 0x88, b, p), node(0xff, 0x64, 0x88, b, p))
node_border(b, p) = sprintf('#%02x%02x%02x', node(0x18, 0xee, 0x00, b, p), node(0x90, 0x22, 0x00, b, p), node(0xff, 0x22, 0x00, b, p))
most_100(percent) = percent > 100 ? 100 : percent

# A vertex keeps its colour and its dashes over all panels and charts; 8 x 5 of them differ.
vertex_colours = '#1f3b73 #e08214 #1b8a4a #7b3294 #12a0a8 #d6318b #8c5a1c #8f9600'
colour(i) = word(vertex_colours, (int(i) - 1) % 8 + 1)
dash_number(i) = (int(i) - 1) % 5 + 1
set dashtype 1 solid
set dashtype 2 (14, 3)
set dashtype 3 (6, 2)
set dashtype 4 (14, 3, 3, 3)
set dashtype 5 (3, 2)
do for [i = 1:40] { set linetype i linecolor rgb colour(i) dashtype dash_number(i) linewidth 1.7 }

# The distance of about `count` ticks up to `most`: 1, 2 or 5 times a power of ten; or a whole number.
decade(most, count) = 10.0 ** floor(log10(most / count))
fives(part) = part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10
step(most, count) = decade(most, count) * fives(most / count / decade(most, count))
whole_step(most, count) = most <= 4 ? 1 : step(most, count)
usage_step(most) = most > 2.5 ? step(most, 3.0) : most > 1.3 ? 0.5 : 0.25

text_colour = '#222222'
soft_text = '#666666'
grid_colour = '#d4d4d4'
warm_colour = '#f1f1f1'
bold = terminal eq 'png' ? 'sans-serif:Bold' : 'sans-serif Bold'   # each terminal's own spelling
width = 1000
left = 84    # pixels beside the panels
right = 200
x_of(pixels) = pixels / (1.0 * width)
y_of(pixels) = 1 - pixels / (1.0 * height)   # from the top

shorten(text, most) = strlen(text) <= most ? text : text[1:most - 1] . '…'
# What stands at a channel: its vertex, the one at the other end where that is not clear ("-": it is), which
# channels. Both names give way together.
channel_name(vertex, other, arrow, most) = other eq '-' ? shorten(vertex, most) : shorten(vertex, most / 2 - 1) . arrow . shorten(other, (most - 1) / 2)
channel_label(side, vertex, other, rest, most) = channel_name(vertex, other, side eq 'out' ? '→' : '←', most - strlen(rest)) . ' ' . rest
full_title(what) = is_dumb ? shorten(title, 40) . ': ' . what : shorten(title, 60) . ': ' . what

# Opens a picture of `height` pixels.
begin_picture = "\
    if (terminal eq 'png') { set terminal pngcairo noenhanced size width, height font 'sans-serif,10' background rgb 'white' } \
    else { set terminal svg noenhanced size width, height font 'sans-serif,13' background rgb 'white' }; \
    set output output; \
    set border 3 linecolor rgb '#888888'; set tics nomirror out scale 0.5 textcolor rgb text_colour; \
    set grid xtics ytics linecolor rgb grid_colour linetype 1 linewidth 0.7 dashtype solid; \
    set xrange [0:end_s]; set key noautotitle textcolor rgb text_colour"
