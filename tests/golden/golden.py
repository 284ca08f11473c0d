"""Every shipped scenario does what it did: its trajectory hash and its report. Prints one "ok" or "not ok" line a test.

usage: golden.py SLUICE ROOT [--update]

tests/golden/NAME.txt has the hash of scenarios/NAME.yaml and the report of `sluice run`. A change of the model that is
meant changes them: look at the difference, then write them anew with --update. Beside that, the first seconds of
each scenario run under --audit, which must neither find a broken invariant nor change the trajectory.
"""
import difflib
import json
import os
import subprocess
import sys
import tempfile

SLUICE, ROOT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
UPDATE = sys.argv[3:] == ['--update']


def run(folder, name, *options):
    """The exit status and the report of a scenario, and its trajectory hash. Status 4 is an answer: a deadlock."""
    done = subprocess.run([SLUICE, 'run', os.path.join(ROOT, 'scenarios', name + '.yaml'), '-o', 'result', *options],
                          cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 4), f'exit status {done.returncode}: {done.stderr}'
    with open(os.path.join(folder, 'result', 'summary.json'), encoding='utf-8') as file:
        return f'exit status {done.returncode}\n\n{done.stdout}', json.load(file)['trajectory_hash']


def check_report(folder, name):
    report, trajectory = run(folder, name)
    got = f'trajectory {trajectory}, {report}'
    path = os.path.join(ROOT, 'tests', 'golden', name + '.txt')
    if UPDATE:
        with open(path, 'w', encoding='utf-8') as file:
            file.write(got)
    with open(path, encoding='utf-8') as file:
        want = file.read()
    difference = list(difflib.unified_diff(want.splitlines(), got.splitlines(), 'golden', 'now', lineterm='', n=0))
    assert not difference, '\n'.join(difference)


def check_audit(folder, name):
    short = ['--set', 'run.warmup=0s', '--set', 'run.duration=2s']
    _, audited = run(folder, name, '--audit', *short)
    _, plain = run(folder, name, *short)
    assert audited == plain, f'the audit changes the trajectory: {audited}, not {plain}'


def main():
    names = sorted(leaf[:-5] for leaf in os.listdir(os.path.join(ROOT, 'scenarios')) if leaf.endswith('.yaml'))
    number = failures = 0
    for name in names:
        for check in [check_report, check_audit]:
            number += 1
            with tempfile.TemporaryDirectory() as folder:
                try:
                    check(folder, name)
                    print(f'ok {number} - {check.__name__} {name}')
                except (AssertionError, OSError) as error:
                    failures += 1
                    print(f'not ok {number} - {check.__name__} {name}')
                    for line in str(error).splitlines()[:40]:
                        print(f'#   {line}')
    sys.exit(1 if failures else 0)


main()
