"""What the tests of the command line share: the program, an empty folder for each test, and how they are run.

A test program takes SLUICE and ROOT as arguments, has functions test_..., and ends with run_tests(globals()), which prints
one "ok" or "not ok" line each.
"""
import os
import re
import subprocess
import sys
import tempfile

SLUICE, ROOT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SCENARIO = os.path.join(ROOT, 'scenarios', 'two-task-managers.yaml')
SHORT = ['--set', 'run.duration=2s', '--set', 'run.warmup=1s']

DONE, SYSTEM, USAGE, INPUT, ANSWER = 0, 1, 2, 3, 4


def sluice(*arguments, env=None, stdout=subprocess.PIPE):
    """Run the program in an empty folder of its own, without a terminal and without input."""
    environment = dict(os.environ, **(env or {}))
    return subprocess.run([SLUICE, *arguments], stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE,
                          text=True, cwd=SCRATCH, env=environment, check=False, timeout=300)


def expect(run, status):
    assert run.returncode == status, f'exit status {run.returncode}, expected {status}; it said: {run.stderr}'


def verbs():
    text = sluice('--help').stdout
    commands = text.split('Commands:\n')[1].split('\n\n')[0]
    return re.findall(r'^  ([a-z]+) ', commands, re.MULTILINE)


def write(name, text):
    path = os.path.join(SCRATCH, name)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return path


def edited(name, old, new):
    """A copy of the small scenario with `old` replaced."""
    with open(SCENARIO, encoding='utf-8') as file:
        text = file.read()
    assert old in text
    return write(name, text.replace(old, new))


class Skipped(Exception):
    """Raised by a test that cannot be made here."""


def run_tests(names):
    """Run every function test_... in an empty folder, which it gets when it takes an argument; then exit."""
    global SCRATCH
    tests = [(name, function) for name, function in names.items() if name.startswith('test_')]
    failures = 0
    for number, (name, function) in enumerate(tests, 1):
        with tempfile.TemporaryDirectory() as SCRATCH:
            try:
                function(*[SCRATCH][:function.__code__.co_argcount])
                print(f'ok {number} - {name}')
            except Skipped as why:
                print(f'ok {number} - {name} # SKIP {why}')
            except Exception as error:  # pylint: disable=broad-except
                failures += 1
                print(f'not ok {number} - {name}')
                for line in f'{type(error).__name__}: {error}'.splitlines()[:40]:
                    print(f'#   {line}')
    sys.exit(1 if failures else 0)
