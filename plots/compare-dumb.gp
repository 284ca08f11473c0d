# The means of a comparison in characters, within 80 columns; loaded by compare.gp.
set print '-'
wide = 34   # characters of a line of dots
margin = longest_tagged > 26 ? 26 : longest_tagged
blanks(n) = n < 1 ? '' : blanks(n - 1) . ' '
right_of(text) = blanks(margin - strlen(text)) . text
place(x) = floor((x - LOW[p]) / (HIGH[p] > LOW[p] ? HIGH[p] - LOW[p] : 1) * (wide - 1) + 0.5) + 1
print full_title('means with 95 % intervals') . (caption eq '' ? '' : ' (' . caption . ')')
if (keys_line ne '') { print 'varied: ' . shorten(keys_line, 70) }
do for [p = 1:panel_count] {
    print ''
    name = shorten(OWNER[p], margin)
    print name . blanks(margin + 1 - strlen(name)) . HEADING[p]
    array MEAN[config_count]
    array HALF[config_count]
    do for [i = 1:config_count] { MEAN[i] = NaN; HALF[i] = NaN }
    stats data . sprintf('/compare-dots-%d.tsv', p) skip 1 using (MEAN[int($1)] = $2, HALF[int($1)] = $3, 0) nooutput
    do for [i = 1:config_count] {
        if (MEAN[i] == MEAN[i]) {
            drawn = ''
            from_dot = place(MEAN[i] - HALF[i])
            to_dot = place(MEAN[i] + HALF[i])
            do for [k = 1:wide] { drawn = drawn . (k == place(MEAN[i]) ? 'o' : k >= from_dot && k <= to_dot ? '-' : ' ') }
            print right_of(shorten(tagged(i), margin)) . sprintf(' |%s| %.6g', drawn, MEAN[i])
        } else {
            print right_of(shorten(tagged(i), margin)) . ' |' . blanks(wide) . '| -'
        }
    }
}
