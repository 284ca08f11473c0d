"""Every shipped scenario takes the same trajectory and gives the same report as when its golden file was written.

usage: golden.py SLUICE ROOT [--regenerate]

A golden file is tests/golden/NAME.txt: the report on standard output, the exit status, and the events and the trajectory hash of
summary.json. A difference is not a mistake by itself: a changed model changes trajectories. Then look at the
differences, and if they are what was meant, write the files anew with --regenerate and commit them.
"""
import difflib
import json
import os
import subprocess
import sys
import tempfile

SLUICE, ROOT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
GOLDEN = os.path.join(ROOT, 'tests', 'golden')


def names():
    """The shipped scenarios, without their ending."""
    return sorted(leaf[:-5] for leaf in os.listdir(os.path.join(ROOT, 'scenarios')) if leaf.endswith('.yaml'))


def run(name, folder):
    """What the golden file of a scenario should hold."""
    result = os.path.join(folder, name)
    scenario = os.path.join(ROOT, 'scenarios', name + '.yaml')
    process = subprocess.run([SLUICE, 'run', scenario, '-o', result], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True, cwd=folder, check=False)
    if process.returncode not in (0, 4):  # 4: the answer is no, and that is a result too
        return f'exit status {process.returncode}\n{process.stderr}'
    with open(os.path.join(result, 'summary.json'), encoding='utf-8') as file:
        summary = json.load(file)
    return f'{process.stdout}\nexit status {process.returncode}\nevents {summary["events"]}\ntrajectory hash {summary["trajectory_hash"]}\n'


def expected(name):
    path = os.path.join(GOLDEN, name + '.txt')
    if not os.path.exists(path):
        return ''
    with open(path, encoding='utf-8') as file:
        return file.read()


def main():
    is_anew = '--regenerate' in sys.argv[3:]
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(names(), 1):
            found = run(name, folder)
            if is_anew:
                with open(os.path.join(GOLDEN, name + '.txt'), 'w', encoding='utf-8') as file:
                    file.write(found)
                continue
            wanted = expected(name)
            print(f'{"ok" if found == wanted else "not ok"} {number} - {name} takes the trajectory of its golden file')
            if found != wanted:
                failures += 1
                for line in difflib.unified_diff(wanted.splitlines(), found.splitlines(), 'golden', 'now', lineterm=''):
                    print(f'#   {line}')
    if failures:
        print('# if this is what was meant: python3 tests/golden/golden.py SLUICE . --regenerate')
    sys.exit(1 if failures else 0)


main()
