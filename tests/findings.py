"""Whether docs/findings.md still tells what its commands say. Prints one "ok" or "not ok" line a finding.

usage: findings.py ROOT FOLDER

FOLDER is what `sh docs/findings/run.sh FOLDER` wrote. Every figure in the tables, apart from the settings, has to be the
mean or the half-width of some measure of the configurations of its section, within 1 % or its last digit.
"""
import csv
import json
import os
import re
import sys

ROOT, FOLDER = sys.argv[1:]
NUMBER = re.compile(r'(?<![\w.])(\d+(?:,\d{3})*(?:\.\d+)?) ?(ms|s|%|/s)?(?![\w.])')
UNITS = {'ms': 1, 's': 1000, '%': 0.01}
SETTINGS = 'exclusive floating spare B F load timeout limit one formula'.split()


def figures(names):
    """Means, half-widths, and percentages and multiples in words, of the results with these names."""
    found = []
    for name in names:
        with open(os.path.join(FOLDER, name, 'compare.csv'), encoding='utf-8', newline='') as file:
            for row in csv.DictReader(file):
                found += [float(row[key]) for key in ('mean', 'half_width') if row[key]]
                found += [float(row['pairs'])] if row['pairs'] else []
        with open(os.path.join(FOLDER, name, 'compare.json'), encoding='utf-8') as file:
            for difference in json.load(file)['differences']:
                for number, unit in NUMBER.findall(difference['words'].replace('-', ' ').replace('+', ' ')):
                    found.append(float(number) * UNITS.get(unit, 1))
                    found.append(float(number) / 100)
    return found


def cells(section):
    """Text of every cell below a table's head whose column is no setting."""
    head = None
    for line in section.splitlines():
        row = [cell.strip() for cell in line.strip('|').split('|')] if line.startswith('|') else None
        if row is None:
            head = None
        elif head is None:
            head = row
        elif not set(row[0]) <= set('- '):
            yield from (cell for title, cell in zip(head, row) if title.split(' ')[0] not in SETTINGS and cell is not row[0])


def is_told(text, unit, values):
    value = float(text.replace(',', '')) * UNITS.get(unit, 1)
    digits = len(text.split('.')[1]) if '.' in text else 0
    slack = 0.51 * 10 ** -digits * UNITS.get(unit, 1)
    return any(abs(value - known) <= max(slack, 0.01 * abs(known)) for known in values)


def main():
    with open(os.path.join(ROOT, 'docs', 'findings.md'), encoding='utf-8') as file:
        sections = [part for part in re.split(r'^## ', file.read(), flags=re.M)[1:] if 'sluice compare' in part]
    print(f'1..{len(sections)}')
    failures = 0
    for section in sections:
        values = figures(sorted(set(re.findall(r'-o results/([\w-]+)', section))))
        numbers = [pair for cell in cells(section) for pair in NUMBER.findall(cell)]
        wrong = [text + unit for text, unit in numbers if not is_told(text, unit, values)]
        title = section.splitlines()[0]
        failures += bool(wrong) or len(numbers) < 8
        print(f'{"not ok" if wrong or len(numbers) < 8 else "ok"} {title} ({len(numbers)} figures)')
        if wrong:
            print('# not what the commands say: ' + ', '.join(wrong))
    return min(failures, 1)


sys.exit(main())
