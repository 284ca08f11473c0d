#!/usr/bin/env python3
"""Break one rule of the model at a time, and see whether the tests notice.

usage: mutants.py [--check | [--report FILE] [--only WORD] [--jobs N]]

Works on a copy of the tree in a temporary folder. For each mutant of tests/mutants/table.py the text is changed, the tests
of the model are built and run, and those that fail are noted. Prints a line a mutant, writes the table as Markdown with
--report; the exit status is 0 when every mutant was noticed. --only takes the mutants whose rule, file or description
holds WORD; --jobs works on N copies at a time. --check only looks whether every mutant still finds its place in the sources, which every run does first.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
from table import MUTANTS  # noqa: E402

# The tests of the model; the golden files would notice any change at all, so they prove nothing here.
TESTS = re.compile(r'^(test_net_\w+|test_replay_\w+|test_sizing_\w+|test_little)$')
FOLDERS = ['sim', 'models', 'scenarios', 'studies', 'plots', 'cli', 'tests', 'bench', 'docs', 'meson.build',
           'meson_options.txt', 'README.md', 'CHANGELOG.md', 'LICENSE', 'run.sh', 'test.sh', '.clang-format']


def copy_tree(target):
    for name in FOLDERS:
        source = os.path.join(ROOT, name)
        if os.path.isdir(source):
            shutil.copytree(source, os.path.join(target, name), ignore=shutil.ignore_patterns('build*', '__pycache__'))
        elif os.path.exists(source):
            shutil.copy(source, os.path.join(target, name))


def run(*command, **options):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **options)


def find_tests(build):
    listed = json.loads(run('meson', 'introspect', '--tests', build).stdout)
    chosen = {test['name']: os.path.relpath(test['cmd'][0], build) for test in listed if TESTS.match(test['name'])}
    assert chosen, 'there are no tests of the model'
    return chosen


def failing(build, tests):
    """The names of the tests that fail; raises when they do not build."""
    built = run('ninja', '-C', build, *sorted(set(tests.values())))
    if built.returncode != 0:
        raise RuntimeError('does not build:\n' + '\n'.join(built.stdout.splitlines()[-15:]))
    log = os.path.join(build, 'meson-logs', 'testlog.json')
    if os.path.exists(log):
        os.remove(log)
    run('meson', 'test', '-C', build, '--no-rebuild', '-t', '0.5', *sorted(tests))
    with open(log, encoding='utf-8') as lines:
        results = [json.loads(line) for line in lines]
    return [result['name'].split('/')[-1].strip() for result in results if result['result'] not in ('OK', 'SKIP')]


def misplaced(mutants):
    """What is wrong with the places of the mutants."""
    found = []
    for mutant in mutants:
        with open(os.path.join(ROOT, mutant.file), encoding='utf-8') as file:
            count = file.read().count(mutant.old)
        if count != 1:
            found.append(f'{mutant.rule} ({mutant.what}): {mutant.file} has {count} places of\n    {mutant.old}')
    return found


def apply(tree, mutant):
    path = os.path.join(tree, mutant.file)
    with open(path, encoding='utf-8') as file:
        text = file.read()
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text.replace(mutant.old, mutant.new))
    return path, text


def try_mutant(tree, build, tests, mutant):
    path, text = apply(tree, mutant)
    try:
        return failing(build, tests)
    finally:
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)


def write_report(path, rows, test_count):
    noticed = sum(1 for _, names in rows if names)
    with open(path, 'w', encoding='utf-8') as file:
        file.write('# Broken rules, and the tests that notice\n\n'
                   'Written by `tests/mutants/mutants.py`, which `tests/long.sh` runs. Each row is a change of one rule of the\n'
                   f'model (`docs/rules.md`) and the tests that fail with it, of the {test_count} programs that test the model\n'
                   '(the golden files, which notice any change, are left out); the first four of them are named.\n\n'
                   f'{noticed} of {len(rows)} were noticed.\n\n'
                   '| rule | what was broken | where | noticed by |\n| --- | --- | --- | --- |\n')
        for mutant, names in rows:
            shown = ', '.join(names[:4]) or '**nobody**'
            file.write(f'| {mutant.rule} | {mutant.what} | {mutant.file} | {shown} |\n')


def make_tree(tree):
    """A copy that is set up to be built, and its tests; ends the program when they fail as they are."""
    copy_tree(tree)
    build = os.path.join(tree, 'build')
    setup = run('meson', 'setup', build, tree, '-Doptimization=1')
    if setup.returncode != 0:
        sys.exit(setup.stdout)
    tests = find_tests(build)
    broken = failing(build, tests)
    if broken:
        sys.exit('these fail without any mutant: ' + ', '.join(broken))
    return build, tests


def try_all(mutants):
    """Rows of a mutant and the tests that notice it, and how many tests there are; one that does not build is noticed by none."""
    rows = []
    with tempfile.TemporaryDirectory() as tree:
        build, tests = make_tree(tree)
        for mutant in mutants:
            try:
                names = try_mutant(tree, build, tests, mutant)
                print(f'{"noticed" if names else "MISSED "} {mutant.rule:8} {mutant.what}: {", ".join(names[:4])}', flush=True)
            except RuntimeError as error:
                names = []
                print(f'BROKEN  {mutant.rule:8} {mutant.what}: {error}', flush=True)
            rows.append((mutant, names))
    return rows, len(tests)


def main():
    parser = argparse.ArgumentParser(usage='mutants.py [--check | [--report FILE] [--only WORD] [--jobs N]]')
    parser.add_argument('--check', action='store_true')
    parser.add_argument('--report')
    parser.add_argument('--only', default='')
    parser.add_argument('--jobs', type=int, default=1)
    options = parser.parse_args()
    mutants = [m for m in MUTANTS if options.only in f'{m.rule} {m.file} {m.what}']
    lost = misplaced(mutants)
    if lost:
        sys.exit('\n'.join(lost) + '\nFollow the code in tests/mutants/table.py.')
    if options.check:
        print(f'ok 1 - {len(mutants)} mutants find their places')
        return
    with ThreadPoolExecutor(options.jobs) as pool:
        parts = list(pool.map(try_all, [mutants[i::options.jobs] for i in range(options.jobs)]))
    found = {id(mutant): names for rows, _ in parts for mutant, names in rows}
    rows = [(mutant, found[id(mutant)]) for mutant in mutants]
    missed = [mutant for mutant, names in rows if not names]
    if options.report:
        write_report(options.report, rows, parts[0][1])
    print(f'RESULT: {len(rows) - len(missed)} of {len(rows)} mutants noticed')
    sys.exit(1 if missed else 0)


if __name__ == '__main__':
    main()
