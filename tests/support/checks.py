"""Checks that find bad places, told in the lines that tests/support/count.py counts."""
import sys


def run_checks(checks):
    """Run pairs of a check and its arguments; exits with status 1 when one finds something. The words of a check are what there must not be."""
    failures = 0
    for number, (check, arguments) in enumerate(checks, 1):
        bad = check(*arguments)
        print(f'{"not ok" if bad else "ok"} {number} - no {check.__doc__}')
        for place in bad:
            print(f'#   {place}')
        failures += bool(bad)
    sys.exit(1 if failures else 0)
