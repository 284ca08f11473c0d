"""Every shipped scenario does what it did: its trajectory hash and its report. Prints one "ok" or "not ok" line a test.

usage: golden.py SLUICE ROOT [--update]

tests/golden/NAME.txt has the report of `sluice run scenarios/NAME.yaml`, its exit status and its trajectory
hash. A change of the model that is meant changes them: look at the difference, then write them anew with --update.
Beside that, the first seconds of each scenario run under --audit, which must neither find a broken invariant nor change
the trajectory; and docs/result-folder.md tells every key of the summary.json of these runs.
"""
import difflib
import json
import os
import subprocess
import sys
import tempfile

SLUICE, ROOT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
UPDATE = sys.argv[3:] == ['--update']
DONE, ANSWER = 0, 4  # the answer may be no: a deadlock is a result too


def run(folder, name, *options):
    """The report of a scenario, its exit status, and its summary.json."""
    done = subprocess.run([SLUICE, 'run', os.path.join(ROOT, 'scenarios', name + '.yaml'), '-o', 'result', *options],
                          cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode in (DONE, ANSWER), f'exit status {done.returncode}: {done.stderr}'
    with open(os.path.join(folder, 'result', 'summary.json'), encoding='utf-8') as file:
        return done.stdout, done.returncode, json.load(file)


def keys_of(value):
    """All keys of a JSON value, at any depth."""
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    return set().union(*map(keys_of, value)) if isinstance(value, list) else set()


def check_report(folder, name):
    report, status, summary = run(folder, name)
    got = f'{report}\nexit status {status}\ntrajectory {summary["trajectory_hash"]}\n'
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
    _, _, audited = run(folder, name, '--audit', *short)
    _, _, plain = run(folder, name, *short)
    hashes = audited['trajectory_hash'], plain['trajectory_hash']
    assert hashes[0] == hashes[1], f'the audit changes the trajectory: {hashes[0]}, not {hashes[1]}'


def check_documented(folder, name):
    _, _, summary = run(folder, name, '--set', 'run.warmup=0s', '--set', 'run.duration=2s')
    with open(os.path.join(ROOT, 'docs', 'result-folder.md'), encoding='utf-8') as file:
        text = file.read()
    unknown = sorted(key for key in keys_of(summary) if f'`{key}`' not in text)
    assert not unknown, f'docs/result-folder.md does not tell {", ".join(unknown)}'


def main():
    names = sorted(leaf[:-5] for leaf in os.listdir(os.path.join(ROOT, 'scenarios')) if leaf.endswith('.yaml'))
    number = failures = 0
    for name in names:
        for check in [check_report, check_audit, check_documented]:
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
