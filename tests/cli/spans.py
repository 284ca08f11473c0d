"""A span of records is what an event for each of them is: the same bytes in every result file and on standard output, with
and without --per-record. Prints one "ok" or "not ok" line for a shipped scenario, a reference case, or fifty random ones.

usage: spans.py SLUICE ROOT RANDOM [SECONDS]

RANDOM is how many scenarios of tests/support/random_scenario.py are tried, every tenth of them under --audit. SECONDS
cuts the shipped scenarios and the reference cases short. `random_scenario.py NUMBER` prints the one that a line names.
"""
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
from random_scenario import random_scenario  # noqa: E402

SLUICE, ROOT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
RANDOM = int(sys.argv[3])
CUT = ['--set', 'run.warmup=0s', '--set', f'run.duration={sys.argv[4]}s'] if len(sys.argv) > 4 else []
GROUP = 50
AUDITED = 10  # one of so many
PROCESSES = 2
DONE, ANSWER = 0, 4  # a job that cannot start, or a deadlock, is a result too


def run(folder, scenario, *options):
    """All that a run leaves behind: bytes by name."""
    os.mkdir(folder)
    done = subprocess.run([SLUICE, 'run', scenario, '-o', 'result', *options], cwd=folder, stdin=subprocess.DEVNULL,
                          capture_output=True, check=False, timeout=600)
    said = done.stderr.decode(errors='replace')
    assert done.returncode in (DONE, ANSWER), f'{options}: exit status {done.returncode}: {said[-2000:]}'
    left = {'the exit status': str(done.returncode).encode(), 'standard output': done.stdout, 'standard error': done.stderr}
    result = os.path.join(folder, 'result')
    for name in os.listdir(result):
        with open(os.path.join(result, name), 'rb') as file:
            left[name] = file.read()
    return left


def first_difference(spans, per_record):
    """Where two runs differ first, or None."""
    if sorted(spans) != sorted(per_record):
        return f'with spans there are {sorted(spans)}, with --per-record {sorted(per_record)}'
    for name in sorted(spans):
        if spans[name] == per_record[name]:
            continue
        ours, theirs = spans[name].split(b'\n'), per_record[name].split(b'\n')
        line = next((i for i, pair in enumerate(zip(ours, theirs)) if pair[0] != pair[1]), min(len(ours), len(theirs)))
        shown = [lines[line].decode(errors='replace')[:200] if line < len(lines) else '(the end)' for lines in (ours, theirs)]
        return f'{name}, line {line + 1}: {shown[0]} with spans, {shown[1]} with --per-record'
    return None


def compare(scenario, *options, audit=False):
    """What is wrong with a scenario, or None."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            spans = run(os.path.join(folder, 'spans'), scenario, *options, *(['--audit'] if audit else []))
            return first_difference(spans, run(os.path.join(folder, 'per-record'), scenario, *options, '--per-record'))
        except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
            return str(error)


def compare_random(number):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, f'random-{number}.yaml')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(random_scenario(number))
        wrong = compare(path, audit=number % AUDITED == 0)
        return f'number {number}: {wrong}' if wrong else None


def scenario_files():
    """Name and path of what the tree has."""
    folder = os.path.join(ROOT, 'scenarios')
    shipped = [(name[:-5], os.path.join(folder, name)) for name in sorted(os.listdir(folder)) if name.endswith('.yaml')]
    folder = os.path.join(ROOT, 'tests', 'reference', 'jobs')
    cases = [(f'case {name}', os.path.join(folder, name, 'case.yaml')) for name in sorted(os.listdir(folder))]
    return shipped + [case for case in cases if os.path.exists(case[1])]


def main():
    failures = 0

    def report(number, name, wrong):
        nonlocal failures
        failures += bool(wrong)
        print(f'{"not ok" if wrong else "ok"} {number} - {name}')
        for text in wrong:
            for line in text.splitlines()[:40]:
                print(f'#   {line}')
        sys.stdout.flush()

    files = scenario_files()
    assert len(files) > 30, files
    with ThreadPoolExecutor(PROCESSES) as pool:
        number = 0
        for (name, _), wrong in zip(files, pool.map(lambda file: compare(file[1], *CUT), files)):
            number += 1
            report(number, name, [wrong] if wrong else [])
        found = pool.map(compare_random, range(RANDOM))
        for first in range(0, RANDOM, GROUP):
            last = min(first + GROUP, RANDOM) - 1
            number += 1
            report(number, f'random scenarios {first} to {last}', [wrong for wrong in (next(found) for _ in range(first, last + 1)) if wrong])
    sys.exit(1 if failures else 0)


main()
