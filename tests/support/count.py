"""Count tests: passed, failed and skipped of a meson testlog.json, on one line.

A program counts the tests that it reports ("ok ...", "not ok ..." at the start of a line); one that
reports none counts as one test. A program that fails counts at least one failure, also when all that
it reported before it died was well.
"""
import json
import re
import sys


def count(program):
    """Passed, failed, skipped; cmocka says "not ok" of what it skips."""
    lines = re.findall(r'^(not ok|ok)\b(.*)$', program.get('stdout', ''), re.MULTILINE)
    ran = [(word, rest) for word, rest in lines if not re.search(r'# *SKIP', rest, re.IGNORECASE)]
    skipped = len(lines) - len(ran)
    failed = sum(1 for word, rest in ran if word == 'not ok')
    passed = len(ran) - failed
    for word, rest in ran:
        if word == 'not ok':
            print(f'FAILED: {program.get("name", "")}:{rest}', file=sys.stderr)
    if program['result'] == 'SKIP':
        return passed, failed, max(skipped, 1)
    if program['result'] in ('OK', 'EXPECTEDFAIL'):
        return (passed if lines else 1), failed, skipped
    return passed, max(failed, 1), skipped


def main():
    totals = [0, 0, 0]
    with open(sys.argv[1], encoding='utf-8', errors='replace') as log:
        for line in log:
            totals = [a + b for a, b in zip(totals, count(json.loads(line)))]
    print(*totals)


main()
