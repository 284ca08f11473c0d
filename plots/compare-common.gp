# What the charts of a comparison share, after common.gp: the configurations and their colours.

config_count = 0; laid_count = 0; left_out = 0; keys = '-'
stats data . '/run.tsv' skip 1 using ( \
    strcol(1) eq 'keys' ? (keys = strcol(2)) : 0, config_count = keep(config_count, 'configs'), \
    laid_count = keep(laid_count, 'laid'), left_out = keep(left_out, 'left_out'), 0) nooutput
config_count = int(config_count)
laid_count = int(laid_count)

array NUMBER[config_count + 1]
array LABEL[config_count + 1]
array RANK[config_count + 1]     # among those that are laid over each other; 0: it is not
array LAID[laid_count + 1]       # and back
array NOTE[config_count + 1]     # that it is the baseline, or why it has no means
row = 0
rank = 0
stats data . '/compare.tsv' skip 1 using ( \
    row = row + 1, NUMBER[row] = column(1), LABEL[row] = strcol(2), NOTE[row] = strcol(4), \
    rank = rank + (column(3) > 0), RANK[row] = column(3) > 0 ? rank : 0, \
    column(3) > 0 ? (LAID[rank] = row) : 0, 0) nooutput
laid_count = rank
longest = 0
do for [i = 1:config_count] { if (strlen(LABEL[i]) > longest) { longest = strlen(LABEL[i]) } }
longest = longest > 40 ? 40 : longest
longest_tagged = 0
name_of(i) = shorten(LABEL[int(i)], 40)
tagged(i) = name_of(i) . (NOTE[int(i)] eq '-' ? '' : ' (' . NOTE[int(i)] . ')')
do for [i = 1:config_count] { if (strlen(tagged(i)) > longest_tagged) { longest_tagged = strlen(tagged(i)) } }
config_colour(i) = RANK[int(i)] > 0 ? colour(RANK[int(i)]) : soft_text
config_folder(i) = data . sprintf('/config-%02d', int(NUMBER[int(i)]))
character = terminal eq 'png' ? 7.1 : 7.4   # pixels of a letter, about
keys_line = keys eq '-' ? '' : shorten(keys, 100)
# Ticks that fit a panel: about two, at round numbers.
tick(low, high) = high > low ? step(high - low, 2.4) : abs(high) > 0 ? abs(high) : 1

