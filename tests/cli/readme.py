"""Every command in README.md is true: the ```sh blocks are run. Prints one "ok" or "not ok" line a block.

usage: readme.py SLUICE ROOT

A block runs in a folder that holds what a clone holds, with the built program first in the PATH. The two
commands that set up a clone, run.sh and test.sh, are left to test.sh, and so is PATH itself. After a
command, "# exits N" says which status it is meant to have.
"""
import os
import re
import subprocess
import sys
import tempfile

SLUICE, ROOT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
ELSEWHERE = re.compile(r'^(sh (run|test)\.sh\b|sh tests/long\.sh|sh bench/|PATH=|export PATH=|git clone |cd )')


def blocks(text):
    for match in re.finditer(r'^```sh\n(.*?)^```', text, re.MULTILINE | re.DOTALL):
        yield text.count('\n', 0, match.start()) + 2, match.group(1)


def commands(block):
    """(command, expected status) of a block; a backslash at the end of a line joins two lines."""
    for line in block.replace('\\\n', ' ').splitlines():
        line = line.strip()
        if line and not line.startswith('#') and not ELSEWHERE.match(line):
            status = re.search(r'# exits (\d+)', line)
            yield line, int(status.group(1)) if status else 0


def main():
    with open(os.path.join(ROOT, 'README.md'), encoding='utf-8') as file:
        readme = file.read()
    number = failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in ['scenarios', 'plots', 'docs', 'tests']:
            os.symlink(os.path.join(ROOT, name), os.path.join(folder, name))
        environment = dict(os.environ, PATH=os.path.dirname(SLUICE) + os.pathsep + os.environ['PATH'])
        for line, block in blocks(readme):
            for command, expected in commands(block):
                number += 1
                run = subprocess.run(['sh', '-c', command], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                     capture_output=True, text=True, check=False, timeout=300)
                good = run.returncode == expected
                print(f'{"ok" if good else "not ok"} {number} - README.md:{line}: {command}')
                if not good:
                    failures += 1
                    print(f'#   exit status {run.returncode}, expected {expected}')
                    for said in run.stderr.splitlines()[-8:]:
                        print(f'#   {said}')
    if number == 0:
        print('not ok 1 - README.md has commands')
    sys.exit(1 if failures or number == 0 else 0)


main()
