# The maps of two varied keys in characters, within 80 columns; loaded by compare-heat.gp.
set print '-'
print ''
print 'down: ' . shorten(row_key, 32) . ', across: ' . shorten(column_key, 32)
print '* is at least 95 % of the best throughput'
fitting = columns > 7 ? 7 : columns
do for [panel = 0:2] {
    array VALUE[rows * columns]
    do for [i = 1:rows * columns] { VALUE[i] = NaN }
    stats file skip 1 using (VALUE[int(column(1)) * columns + int(column(2)) + 1] = column(5 + panel), 0) nooutput
    print ''
    print what(panel) . (fitting < columns ? sprintf(' (%d of %d columns)', fitting, columns) : '')
    text = sprintf('%10s', '')
    do for [j = 1:fitting] { text = text . sprintf('%9s ', shorten(COLUMN[j], 9)) }
    print text
    do for [i = 0:rows - 1] {
        text = sprintf('%10s', shorten(ROW[i + 1], 9))
        do for [j = 0:fitting - 1] {
            x = VALUE[i * columns + j + 1]
            text = text . sprintf('%9s', x == x ? shown(x) : '-') . (is_good(i, j) ? '*' : ' ')
        }
        print text
    }
}
