"""The engine and the plain C queues take the same events in the same order: W1 with equal increments.

usage: order.py BENCH_W1 QUEUE_PROGRAM...
"""
import re
import subprocess
import sys


def order(program, arguments):
    output = subprocess.run([program] + arguments, capture_output=True, text=True, check=True).stdout
    return re.search(r'order ([0-9a-f]{16})', output).group(1)


def main():
    failures = 0
    cases = [(size, kind) for size in ('1', '100', '5000') for kind in ('exp', 'bimodal', 'ties', 'const')]
    for number, (size, kind) in enumerate(cases, 1):
        orders = [order(program, [size, '20000', kind]) for program in sys.argv[1:]]
        is_same = len(set(orders)) == 1
        print(f'{"ok" if is_same else "not ok"} {number} - {size} events, {kind}, leave in the same order')
        failures += not is_same
    sys.exit(failures > 0)


main()
