# Time per event against pending events, from what `bench/run.sh engine --csv` wrote (the hold model, exponential):
#   gnuplot -e "csv='hold.csv'; out='hold.png'" bench/hold.gp
# With each curve its exponent from 10^3 on: the slope of a line through the logarithms.
set datafile separator ','
set terminal pngcairo size 900,560 font 'Sans,11'
set output out
set logscale xy
set xlabel 'pending events'
set ylabel 'ns per event (take the first, put one back)'
set format x '10^{%L}'
set key left top
set grid xtics ytics
curve(who) = sprintf("< sed -n 's/^W1 exp \\([0-9.e]*\\),%s,[^,]*,/\\1,/p' %s", who, csv)
do for [who in 'sluice-lto cref-tree cref-ladder cimba-pgo'] {
    f(x) = a + b * x
    a = 1; b = 0.2
    set fit quiet logfile '/dev/null'
    fit [3:7] f(x) curve(who) using (log10($1)):(log10($2)) via a, b
    eval sprintf("%s = %.2f", who[1:4] eq 'cref' ? 'e_'.who[6:*] : 'e_'.who[1:5], b)
}
plot curve('sluice-lto') using 1:2 with linespoints lw 2 title sprintf('sluice, exponent %.2f', e_sluic), \
     curve('cref-tree') using 1:2 with linespoints title sprintf('binary winner tree in plain C, %.2f', e_tree), \
     curve('cref-ladder') using 1:2 with linespoints title sprintf('ladder queue in plain C, %.2f', e_ladder), \
     curve('cimba-pgo') using 1:2 with linespoints title sprintf('cimba, with a profile, %.2f', e_cimba)
