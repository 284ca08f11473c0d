"""What test.sh counts in a log of meson: every kind of line that a test program reports."""
import json
import os
import subprocess
import sys
import tempfile

COUNT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'support', 'count.py')
CASES = [
    ('all is well', 'OK', 'ok 1 - a\nok 2 - b\n1..2\n', '2 0 0'),
    ('nothing is reported', 'OK', 'fine\n', '1 0 0'),
    ('one fails', 'FAIL', 'ok 1 - a\nnot ok 2 - b\n', '1 1 0'),
    ('it dies after a good one', 'FAIL', 'ok 1 - a\n', '1 1 0'),
    ('the whole program is skipped', 'SKIP', '', '0 0 1'),
    ('one is skipped, as TAP has it', 'OK', 'ok 1 - a\nok 2 - b # SKIP no huge pages\n', '1 0 1'),
    ('one is skipped, as cmocka has it', 'OK', 'ok 1 - a\nnot ok 2 # SKIP b\n', '1 0 1'),
]


def counted(programs):
    with tempfile.NamedTemporaryFile('w', suffix='.json', delete=False) as log:
        for result, stdout in programs:
            log.write(json.dumps({'name': 'x', 'result': result, 'stdout': stdout}) + '\n')
    run = subprocess.run([sys.executable, COUNT, log.name], capture_output=True, text=True, check=False)
    os.unlink(log.name)
    return run.stdout.strip()


def main():
    wrong = 0
    for what, result, stdout, want in CASES + [('all of these', None, None, '7 2 3')]:
        programs = [(result, stdout)] if result else [case[1:3] for case in CASES]
        got = counted(programs)
        if got != want:
            wrong += 1
            print(f'{what}: counted {got}, not {want}')
    sys.exit(wrong > 0)


main()
