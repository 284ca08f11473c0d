"""Every rule of docs/rules.md stands once in docs/coverage.md, with code that is there and tests that are there. Prints one
"ok" or "not ok" line a check.

usage: coverage.py ROOT

A row names files and tests, or says "as" another rule, or "not simulated" and why.
"""
import os
import re
import sys

from support.checks import run_checks

RULE = re.compile(r'^(?:\*\*|\| )([A-Z]{2,4}-\d+)\b', re.MULTILINE)
ROW = re.compile(r'^\| ([A-Z]{2,4}-\d+) \| (.*) \| ?(.*) ?\|$', re.MULTILINE)
CITED = re.compile(r'\b([A-Z]{2,4})-(\d+)\b(?: to (?:[A-Z]{2,4}-)?(\d+)\b)?')
FEWEST_RULES = 250


def read(root, *path):
    with open(os.path.join(root, *path), encoding='utf-8') as file:
        return file.read()


def test_names(root):
    """The name of every test function below tests/."""
    names = set()
    for folder, _, leaves in os.walk(os.path.join(root, 'tests')):
        for leaf in leaves:
            if leaf.endswith(('.c', '.py')):
                names.update(re.findall(r'^(?:static void\s+|def )(test_\w+)\(', read(folder, leaf), re.MULTILINE))
    return names


def cited_by(text):
    """The rules that a text names, those within a range included."""
    return {f'{family}-{number}' for family, first, last in CITED.findall(text)
            for number in range(int(first), int(last or first) + 1)}


def missing_rules(rules, rows, _):
    """rules without a row, or with more than one"""
    found = [rule for rule, _, _ in rows]
    if len(rules) < FEWEST_RULES:
        return [f'only {len(rules)} rules were found']
    return [f'{rule} has {found.count(rule)} rows' for rule in sorted(rules) if found.count(rule) != 1] + \
           [f'{rule} is no rule' for rule in found if rule not in rules]


def unknown_files(_, rows, root):
    """files that are not there, or that name no rule"""
    bad = []
    for rule, where, _ in rows:
        for path in re.findall(r'`([\w/.-]+/[\w.-]+)`', where):
            if not os.path.isfile(os.path.join(root, path)):
                bad.append(f'{rule}: {path} is not there')
            elif not cited_by(read(root, path)):
                bad.append(f'{rule}: {path} names no rule')
    return bad


def unknown_tests(_, rows, root):
    """tests that are not there"""
    names = test_names(root)
    return [f'{rule}: {test} is not there' for rule, where, tests in rows
            for test in re.findall(r'`(test_\w+)`', where + tests) if test not in names]


def empty_rows(rules, rows, _):
    """rules without a test that do not say why"""
    bad = []
    for rule, where, tests in rows:
        if where.startswith('as '):
            bad += [f'{rule}: {other} is no rule' for other in where[3:].split(', ') if other not in rules]
        elif not re.match(r'not simulated: .{20}', where) and not re.search(r'`test_\w+`', tests):
            bad.append(f'{rule} has no test')
    return bad


def main():
    root = sys.argv[1]
    rules = set(RULE.findall(read(root, 'docs', 'rules.md')))
    rows = ROW.findall(read(root, 'docs', 'coverage.md'))
    run_checks([(check, (rules, rows, root)) for check in (missing_rules, unknown_files, unknown_tests, empty_rows)])


main()
