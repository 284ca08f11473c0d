"""The tables of docs/findings.md, and the numbers that its sentences quote, made from what its commands say.

usage: findings.py ROOT FOLDER [--write]

FOLDER is what `sh docs/findings/run.sh FOLDER` wrote. Without --write the page is compared with the tables, and one "ok" or
"not ok" line a finding is printed; with it they are put into the page. Sentences are for people to write: a claim is a piece of one,
with the number that it says and the one that came out; it must stand there, and be near enough.
"""
import csv
import json
import os
import re
import sys

ROOT, FOLDER = sys.argv[1:3]
PAGE = os.path.join(ROOT, 'docs', 'findings.md')
RATE, P50, P99, PEAK = 'numRecordsIn.rate', 'latencyMs.p50', 'latencyMs.p99', 'buffers.peak'


class Result:
    """The means, half-widths and words of a comparison; configurations count from 1."""

    def __init__(self, name):
        self.values, self.words = {}, {}
        with open(os.path.join(FOLDER, name, 'compare.csv'), encoding='utf-8', newline='') as file:
            for row in csv.DictReader(file):
                if row['mean']:
                    self.values[int(row['config']), row['vertex'], row['metric']] = float(row['mean']), float(row['half_width'] or 0)
        with open(os.path.join(FOLDER, name, 'compare.json'), encoding='utf-8') as file:
            for difference in json.load(file)['differences']:
                self.words[difference['configuration'] + 1, difference['vertex'] or '', difference['metric']] = difference['words']

    def mean(self, *key):
        return self.values[key][0]

    def count(self, *key):
        return f'{self.mean(*key):,.0f}'

    def count_pm(self, *key):
        return f'{self.count(*key)} +- {self.values[key][1]:,.0f}'

    def ms(self, *key):
        value = self.mean(*key)
        digits = 2 if value < 10 else 1 if value < 100 else 0
        return f'{value / 1000:.2f} s' if value >= 1000 else f'{value:.{digits}f} ms'

    def ms_pm(self, *key):
        return f'{self.ms(*key)} +- {self.values[key][1]:.0f} ms'

    def share(self, *key):
        return f'{100 * self.mean(*key):.1f} %'

    def against(self, *key, is_short=False):
        words = self.words.get(key, 'baseline')
        return words.split(' (')[0] if is_short else words


class Claim:
    """A piece of a sentence of a finding, what it says as a number, and what came out."""

    def __init__(self, words, said, found, within=0.05):
        self.words, self.said, self.found, self.within = words, said, found, within

    def mistake(self, text):
        """What is wrong with it in the text of its finding; empty: nothing."""
        if self.words not in ' '.join(text.split()):
            return f'# nowhere: {self.words}'
        return '' if abs(self.found - self.said) <= self.within * abs(self.said) else f'# {self.words}: is now {self.found:.5g}'


def table(heads, rows):
    return ''.join(f'| {" | ".join(row)} |\n' for row in [heads, ['---'] * len(heads), *rows])


def exclusive_buffers():
    idle, slow, skew = Result('imbalance-idle'), Result('imbalance'), Result('skew')
    rows = [('2', '8', '58', 1), ('2', '64, 128', '114, 178', 2), ('1', '8', '8', 4), ('1', '64, 128', '64, 128', 5),
            ('0', '8', '1', 7), ('0', '64', '14', 8), ('0', '128', '78', 9)]
    yield table(['exclusive', 'floating', 'spare output buffers', 'records/s', 'against 2 / 8', 'records/s, wake-up 1 ms', 'against 2 / 8'],
                [[*row, idle.count(c, 'reader', RATE), idle.against(c, 'reader', RATE), slow.count(c, 'reader', RATE),
                  slow.against(c, 'reader', RATE, is_short=True)] for *row, c in rows])
    rows = [('2', '8', 1), ('2', '128', 3), ('1', '8', 4), ('1', '128', 6), ('0', '8', 7), ('0', '64', 8)]
    yield table(['exclusive', 'floating', 'records/s', 'against 2 / 8', 'p99'],
                [[*row, skew.count_pm(c, 'sink', RATE), skew.against(c, 'sink', RATE), skew.ms(c, 'sink', P99)] for *row, c in rows])
    for words, said, result in [('5.5 % on the first machine', 5.5, idle), ('19 % on the second', 19, slow)]:
        yield Claim(words, said, 100 - 100 * result.mean(4, 'reader', RATE) / result.mean(1, 'reader', RATE))
    yield Claim('the channels wait for it less than 0.01 % of the time', 0, max(0, idle.mean(4, 'writer', 'waited.credit') - 0.0001))
    yield Claim('busy all of the time with one exclusive buffer as with two', 2,
                skew.mean(1, 'sink', 'busy.max') + skew.mean(4, 'sink', 'busy.max'), 0.01)
    yield Claim('tenfold from 8 to 128', 10, skew.mean(3, 'sink', P99) / skew.mean(1, 'sink', P99), 0.1)


def article():
    full, burst = Result('article'), Result('burst')
    rows = [('2', '8', 1), ('2', '64', 2), ('32', '8', 3), ('32', '64', 4)]
    yield table(['B', 'F', 'records/s', 'against 2 / 8', 'p99', 'buffers allotted', 'used at peak', 'bursts: records/s', 'p99',
                 'source back-pressured'],
                [[*row, full.count(c, 'sink', RATE), full.against(c, 'sink', RATE), full.ms_pm(c, 'sink', P99),
                  full.count(c, '', 'buffers.allotted'), full.count(c, '', PEAK), burst.count(c, 'sink', RATE), burst.ms(c, 'sink', P99),
                  burst.share(c, 'source', 'backPressured')] for *row, c in rows])
    yield Claim('Twelve times the buffers', 12, full.mean(4, '', 'buffers.allotted') / full.mean(1, '', 'buffers.allotted'))
    yield Claim('six times the latency', 6, full.mean(4, 'sink', P99) / full.mean(1, 'sink', P99), 0.1)
    yield Claim('Of the 1536 buffers', 1536, full.mean(4, '', 'buffers.allotted'), 0)
    yield Claim('some 900 are used at most', 900, full.mean(4, '', PEAK))
    yield Claim('p99 is twice as high', 2, burst.mean(4, 'sink', P99) / burst.mean(1, 'sink', P99), 0.1)


def timeout():
    timed, off = Result('timeout'), Result('timeout-off')
    rows = [(load, name, off if name == 'off' else timed, i + 1 if name == 'off' else 4 * i + j + 1)
            for i, load in enumerate(['1 %', '10 %', '90 %']) for j, name in enumerate(['0', '1 ms', '10 ms', '100 ms', 'off'])]
    yield table(['load', 'timeout', 'p50', 'p99', 'messages/s', 'bytes in each'],
                [[load, name, of.ms(c, 'sink', P50), of.ms(c, 'sink', P99), f'{of.mean(c, "sink", "numBuffersIn.rate"):,.1f}',
                  of.count(c, 'sink', 'bytesPerMessage')] for load, name, of, c in rows])
    sent = 'numBuffersIn.rate'
    yield Claim('the median is half the timeout', 50, timed.mean(4, 'sink', P50))
    yield Claim('and p99 the timeout', 100, timed.mean(4, 'sink', P99))
    yield Claim('sixty times less latency at p99', 60, timed.mean(4, 'sink', P99) / timed.mean(2, 'sink', P99))
    yield Claim('for five times the messages', 5, timed.mean(2, 'sink', sent) / timed.mean(4, 'sink', sent), 0.1)
    yield Claim('a buffer fills in 36 ms on its own', 36, 4 * 1000 / off.mean(3, 'sink', sent))  # of each of 4 channels
    yield Claim('10 ms cuts p99 to a third', 3, timed.mean(12, 'sink', P99) / timed.mean(11, 'sink', P99), 0.15)
    yield Claim('a third for three times the messages', 3, timed.mean(11, 'sink', sent) / timed.mean(12, 'sink', sent), 0.15)
    yield Claim('0 cuts it to a ninth', 9, timed.mean(12, 'sink', P99) / timed.mean(9, 'sink', P99))
    yield Claim('a ninth for sixty times', 60, timed.mean(9, 'sink', sent) / timed.mean(12, 'sink', sent))


def hot_key():
    result = Result('hot-key')
    yield table(['limit', 'records/s', 'against 2', 'p99'],
                [[name, result.count_pm(c, 'count', RATE), result.against(c, 'count', RATE), result.ms_pm(c, 'count', P99)]
                 for c, name in enumerate(['2', '5', '10 (default)', '20', '100'], 1)])


def credit_or_tcp():
    result = Result('tcp')
    rows = [('fast-sink, records/s', result.count, 'fast-sink', RATE), ('fast-sink, p99', result.ms, 'fast-sink', P99),
            ('slow-sink, records/s', result.count, 'slow-sink', RATE),
            ('clicks, back-pressured', result.share, 'clicks', 'backPressured'), ('buffers used at peak', result.count, '', PEAK)]
    yield table(['', 'credits', 'TCP', 'TCP against credits'],
                [[name, tell(1, *key), tell(2, *key), result.against(2, *key)] for name, tell, *key in rows])
    yield Claim('its 100 records/s either way', 200, result.mean(1, 'slow-sink', RATE) + result.mean(2, 'slow-sink', RATE), 0.001)
    yield Claim('gets no more than that', 100, result.mean(2, 'fast-sink', RATE), 0.01)


def links():
    result, slow = Result('links'), Result('links-slow')
    yield table(['one way', 'formula', '3 buffers', '10', '34', '66', '130'],
                [[name, wants, *(f'{result.count(5 * i + c, "sink", RATE)}/s' for c in range(1, 6))]
                 for i, (name, wants) in enumerate([('0.1 ms', '0.6'), ('1 ms', '6.0'), ('10 ms', '60.4')])])
    each = 98880 / 60.36  # records/s that the formula promises of a buffer at 10 ms; at 1 ms ten times as many
    yield Claim('1585 records/s each at 10 ms', 1585, result.mean(13, 'sink', RATE) / 34, 0.001)
    yield Claim('where the formula says 1638', 1638, each, 0.001)
    yield Claim('34 ms with 66 buffers', 34, result.mean(14, 'sink', P99))
    yield Claim('77 ms with 130', 77, result.mean(15, 'sink', P99))
    yield Claim('Three buffers at 1 ms carry 37,000 records/s', 37000, result.mean(6, 'sink', RATE), 0.01)
    yield Claim('a quarter less than promised', 0.25, 1 - result.mean(6, 'sink', RATE) / (3 * 10 * each))
    yield Claim('their round takes 2.65 ms', 2.65, 3 * 32.768 / result.mean(6, 'sink', RATE) * 1000, 0.01)
    yield Claim('10 carry some 10,600 records/s', 10600, slow.mean(2, 'sink', RATE), 0.01)
    yield Claim('two thirds of what it promises for them', 2 / 3, slow.mean(2, 'sink', RATE) / (10 * each), 0.1)
    yield Claim('18 some 17,000', 17000, slow.mean(3, 'sink', RATE))
    yield Claim('and only 34 carry all', 20000, slow.mean(4, 'sink', RATE), 0.01)
    yield Claim('with a p99 of 6.4 ms', 6.4, result.mean(2, 'sink', P99))
    yield Claim('130 make it 87 ms', 87, result.mean(5, 'sink', P99))


def main():
    with open(PAGE, encoding='utf-8') as file:
        parts = re.split(r'^(?=## )', file.read(), flags=re.M)
    print(f'1..{len(parts) - 2}')
    failures = 0
    for i, make in enumerate([exclusive_buffers, article, timeout, hot_key, credit_or_tcp, links], 1):
        told = re.findall(r'(?:^\|.*\n)+', parts[i], flags=re.M)
        yielded = list(make())
        made = [one for one in yielded if isinstance(one, str)]
        claims = [one for one in yielded if isinstance(one, Claim)]
        for old, new in zip(told, made):
            parts[i] = parts[i].replace(old, new)
        wrong = [f'# {old}\n# is now: {new}' for one, other in zip(told, made)
                 for old, new in zip(one.splitlines(), other.splitlines()) if old != new]
        wrong += [mistake for mistake in (claim.mistake(parts[i]) for claim in claims) if mistake]
        is_good = not wrong and len(told) == len(made) and [len(t) for t in told] == [len(t) for t in made]
        failures += not is_good
        print(('ok' if is_good else 'not ok') + f' {parts[i].splitlines()[0]}', *wrong, sep='\n')
    if '--write' in sys.argv:
        with open(PAGE, 'w', encoding='utf-8') as file:
            file.write(''.join(parts))
    return 0 if '--write' in sys.argv else min(failures, 1)


sys.exit(main())
