"""The engine against others: W1, W2 and W3, interleaved runs, medians, and ratios with a bound.

usage: engine.py [--runs N] [--only w1,w2,w3] [--sizes 1e2,1e3,...] [--peer cimba=SOURCE_TREE] [--peer simpy[=FOLDER]]
                 [--cpu N] [--lock FILE] [--build FOLDER] [--csv FILE]

Without peers the engine is compared with the plain C queues of bench/cref alone. The programs of a
contest run one after the other, in rounds; a ratio is of two runs of the same round, so that what
disturbs the machine disturbs both. The bound is that of a 95 % interval for the median of the
ratios, by order statistics: of 9 rounds the second smallest. Times are CPU time of one thread.
"""
import argparse
import contextlib
import csv
import fcntl
import math
import os
import re
import statistics
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OPTIMISED = ['-O3', '-march=native']
QUEUES = ['none', 'tree', 'heap', 'calendar', 'ladder']
# What a workload must yield, whoever runs it: name in the output, value, how far off.
CHANNELS = {1: (0.912, 14.05), 16: (0.658, 5.613), 1000: (0.548, 5.134)}


def run(command, **options):
    """Run a command; it ends the program when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        sys.exit(f'{" ".join(command)}\nfailed: {done.stderr[-2000:] or done.stdout[-2000:]}')
    return done.stdout


class Contest:
    """Programs that do the same work: who -> command; what their output says."""

    def __init__(self, name, key, is_rate, check=None):
        self.name, self.key, self.is_rate, self.check = name, key, is_rate, check
        self.commands = {}
        self.values = {}

    def add(self, who, *command):
        self.commands[who] = list(command)
        self.values[who] = []

    def go(self, who):
        output = run(self.commands[who])
        match = re.search(re.escape(self.key) + r'\s+([0-9.]+)', output)
        if not match or (self.check and not self.check(output)):
            sys.exit(f'{self.name}, {who}: {output}')
        value = float(match.group(1))
        self.values[who].append(value if self.key != 'buf/s' else value / 1e6)

    def best(self, names):
        """The name with the best median."""
        names = [name for name in names if name in self.values]
        pick = max if self.is_rate else min
        return pick(names, key=lambda name: statistics.median(self.values[name])) if names else None

    def ratio(self, mine, other):
        """How many times as fast as the other, and the bounds of the ratio's median."""
        pairs = zip(self.values[mine], self.values[other])
        ratios = sorted(a / b if self.is_rate else b / a for a, b in pairs)
        index = bound_index(len(ratios))
        return statistics.median(ratios), ratios[index], ratios[-1 - index]


def bound_index(count):
    """Which of `count` sorted values bounds their median from below with 97.5 % confidence."""
    below, index = 0.0, 0
    while index < count and below + math.comb(count, index) / 2 ** count <= 0.025:
        below += math.comb(count, index) / 2 ** count
        index += 1
    return max(index - 1, 0)


# ---- builds ----

def build_own(folder):
    """The engine's programs in a plain optimised build, with link-time optimisation, with a profile."""
    builds = {'release': [], 'lto': ['-Db_lto=true', '-Dc_args=-march=native'],
              'pgo': ['-Db_lto=true', '-Dc_args=-march=native', '-Db_pgo=generate']}
    names = ['bench_w1', 'bench_w2', 'bench_w3']
    found = {}
    for kind, options in builds.items():
        tree = os.path.join(folder, 'sluice-' + kind)
        if not os.path.exists(os.path.join(tree, 'build.ninja')):
            run(['meson', 'setup', tree, TOP, '--buildtype=release', '-Dtests=false'] + options)
        targets = ['bench/' + name for name in names]
        if kind == 'pgo':
            run(['meson', 'configure', tree, '-Db_pgo=generate'])
            run(['ninja', '-C', tree] + targets)
            program = os.path.join(tree, 'bench', 'bench_')
            for arguments in (['w1', '1e4', '1e6'], ['w2', '1e6'], ['w3', '16', '1e6']):
                run([program + arguments[0]] + arguments[1:])
            run(['meson', 'configure', tree, '-Db_pgo=use'])
        run(['ninja', '-C', tree] + targets)
        found[kind] = os.path.join(tree, 'bench', 'bench_')
    return found


def build_queues(folder):
    folder = os.path.join(folder, 'cref')
    os.makedirs(folder, exist_ok=True)
    sources = [os.path.join(TOP, 'sim', name + '.c') for name in
               ('arena', 'assert', 'dist', 'draws', 'error', 'number', 'queue', 'random', 'sim')]
    for queue in QUEUES:
        run(['gcc', '-std=c11', '-D_POSIX_C_SOURCE=200809L', *OPTIMISED,
             '-fno-tree-slp-vectorize', '-ffp-contract=off', f'-DQUEUE="bench/cref/{queue}.h"', '-I', TOP,
             os.path.join(TOP, 'bench', 'cref', 'w1.c'), *sources, '-lgsl', '-lgslcblas', '-lm',
             '-o', os.path.join(folder, queue)])
    return folder


def build_cimba(source, folder):
    """Whole programs with all that makes cimba fast (no asserts, no log, no save of MXCSR), and again
    with a profile of the same model. gcc 12 lacks two keywords of C23, hence the -include."""
    folder = os.path.join(folder, 'cimba')
    os.makedirs(folder, exist_ok=True)
    old = ['-include', 'stdbool.h', '-include', 'assert.h']
    tree = os.path.join(folder, 'meson')
    if not os.path.exists(os.path.join(tree, 'build.ninja')):
        run(['meson', 'setup', '--buildtype=release', '-Denable_docs=false', tree, source],
            env={**os.environ, 'CFLAGS': ' '.join(old)})
    run(['ninja', '-C', tree])
    port = os.path.join(source, 'src', 'port', 'x86-64', 'linux')
    objects = []
    for name in ('cmi_coroutine_context', 'cmi_random_hwseed'):
        objects.append(os.path.join(folder, name + '.o'))
        run(['nasm', '-f', 'elf64', '-DNMXCSR', os.path.join(port, name + '.asm'), '-o', objects[-1]])
    sources = [os.path.join(where, name) for where in (os.path.join(source, 'src'), port)
               for name in sorted(os.listdir(where)) if name.endswith('.c')]
    includes = [f'-I{path}' for path in
                (TOP, os.path.join(source, 'include'), os.path.join(source, 'src'), os.path.join(tree, 'src'),
                 os.path.join(tree, 'codegen'), os.path.join(tree, 'include'))]
    training = {'w1_hold': ['1e4', '1e6'], 'w2_event': ['1e6'], 'w2_process': ['1e6'], 'w3_event': ['16', '5e5'],
                'w3_process': ['16', '5e5']}
    for model, arguments in training.items():
        def build(program, *options, model=model):
            path = os.path.join(folder, program)
            run(['gcc', '-std=c2x', *OPTIMISED, *old, '-D_POSIX_C_SOURCE=200809L', '-DNDEBUG', '-DNLOGINFO',
                 '-DNASSERT', '-DNMXCSR', '-fno-semantic-interposition', '-flto=auto', '-fuse-linker-plugin', '-w',
                 *options, *includes, '-o', path, os.path.join(TOP, 'bench', 'peers', 'cimba', model + '.c'),
                 *sources, *objects, '-lm', '-lpthread'])
            return path
        build('lto_' + model)
        profile = os.path.join(folder, 'profile_' + model)
        name = 'made_' + model  # the same for both steps: a profile is found by it
        run([build(name, '-fprofile-generate', '-fprofile-update=single', f'-fprofile-dir={profile}')] + arguments)
        os.replace(build(name, f'-fprofile-use={profile}', '-fprofile-correction'), os.path.join(folder, 'pgo_' + model))
    return folder


# ---- contests ----

def mean_is_near_10(output):
    return abs(float(re.search(r'mean_sys ([0-9.]+)', output).group(1)) - 10) < 1


def has_throughput(channels):
    """Throughput and latency of W3; a short run of many channels has not settled, so within 3 %."""
    def check(output):
        rate = float(re.search(r'thr/ch ([0-9.]+)', output).group(1))
        latency = float(re.search(r'latency ([0-9.]+)', output).group(1))
        want = CHANNELS[channels]
        return abs(rate / want[0] - 1) < 0.03 and abs(latency / want[1] - 1) < 0.03
    return check


def contests(own, queues, peers, only, sizes_wanted):
    """All contests, with who takes part."""
    cimba, simpy = peers.get('cimba'), peers.get('simpy')
    made = []
    for kind, sizes in (('exp', sizes_wanted), ('bimodal', ['1e4']), ('ties', ['1e4']),
                        ('const', ['1e4'])):
        for size in sizes if 'w1' in only else []:
            contest = Contest(f'W1 {kind} {size}', 'ns/hold', False)
            for name, program in own.items():
                contest.add('sluice-' + name, program + 'w1', size, '2e6', kind)
            for queue in QUEUES[1:] if kind == 'exp' else ['tree', 'heap', 'calendar', 'ladder']:
                contest.add('cref-' + queue, os.path.join(queues, queue), size, '2e6', kind)
            if cimba and kind == 'exp':
                for name in ('lto', 'pgo'):
                    contest.add(f'cimba-{name}', os.path.join(cimba, name + '_w1_hold'), size, '1e6')
            made.append(contest)
    if 'w2' in only:
        contest = Contest('W2', 'ns/customer', False, mean_is_near_10)
        for name, program in own.items():
            contest.add('sluice-' + name, program + 'w2', '2e6')
        for style in ('process', 'event') if cimba else []:
            for name in ('lto', 'pgo'):
                contest.add(f'cimba-{style}-{name}', os.path.join(cimba, f'{name}_w2_{style}'), '2e6')
        if simpy:
            contest.add('simpy', *simpy, os.path.join(TOP, 'bench', 'peers', 'simpy', 'w2.py'), '1e5')
        made.append(contest)
    for channels in CHANNELS if 'w3' in only else []:
        contest = Contest(f'W3 K={channels}', 'buf/s', True, has_throughput(channels))
        for name, program in own.items():
            contest.add('sluice-' + name, program + 'w3', str(channels), '1e6')
        for style in ('process', 'event') if cimba else []:
            for name in ('lto', 'pgo'):
                contest.add(f'cimba-{style}-{name}', os.path.join(cimba, f'{name}_w3_{style}'), str(channels), '1e6')
        if simpy:
            contest.add('simpy', *simpy, os.path.join(TOP, 'bench', 'peers', 'simpy', 'w3.py'), str(channels), '1e5')
        made.append(contest)
    return made


def report(contest, writer):
    unit = 'M buffers/s' if contest.is_rate else contest.key
    print(f'\n{contest.name}, {unit} (median, least, most of {len(next(iter(contest.values.values())))})')
    for who, values in contest.values.items():
        print(f'  {who:<20} {statistics.median(values):8.2f} {min(values):8.2f} {max(values):8.2f}')
        writer.writerow([contest.name, who, unit, statistics.median(values), min(values), max(values)])
    mine = contest.best(['sluice-lto', 'sluice-pgo'])
    rivals = [contest.best(['cref-' + queue for queue in QUEUES[1:]]), contest.best(['cimba-lto', 'cimba-pgo']),
              contest.best(['cimba-process-lto', 'cimba-process-pgo']),
              contest.best(['cimba-event-lto', 'cimba-event-pgo']), contest.best(['simpy'])]
    for rival in filter(None, rivals):
        middle, low, high = contest.ratio(mine, rival)
        print(f'  {mine} is {middle:.2f} times as fast as {rival} (95 %: {low:.2f} to {high:.2f})')
        writer.writerow([contest.name, f'{mine} / {rival}', 'times as fast', middle, low, high])
    sys.stdout.flush()


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--runs', type=int, default=9, help='rounds of each contest (9)')
    parser.add_argument('--only', default='w1,w2,w3', help='workloads')
    parser.add_argument('--sizes', default='1e2,1e3,1e4,1e5,1e6', help='pending events of W1')
    parser.add_argument('--peer', action='append', default=[], metavar='NAME[=FOLDER]',
                        help='cimba=its source tree; simpy, or simpy=the folder that it is installed in')
    parser.add_argument('--cpu', type=int, help='run everything on this core')
    parser.add_argument('--lock', help='hold this file locked during each round')
    parser.add_argument('--build', default=os.path.join(TOP, 'build', 'bench'), help='where to build')
    parser.add_argument('--csv', default=os.devnull, help='write the figures there too')
    return parser.parse_args()


def main():
    given = options()
    peers = dict((peer.split('=', 1) + [''])[:2] for peer in given.peer)
    if 'cimba' in peers:
        peers['cimba'] = build_cimba(os.path.abspath(peers['cimba']), given.build)
    if 'simpy' in peers:
        folder = peers['simpy']
        peers['simpy'] = ['env', f'PYTHONPATH={os.path.abspath(folder)}', sys.executable] if folder else [sys.executable]
    own, queues = build_own(given.build), build_queues(given.build)
    if given.cpu is not None:
        os.sched_setaffinity(0, {given.cpu})
    with open(given.csv, 'w', newline='', encoding='utf-8') as sink, \
            open(given.lock or os.devnull, 'a', encoding='utf-8') as lock:
        writer = csv.writer(sink)
        writer.writerow(['contest', 'who', 'unit', 'median', 'low', 'high'])
        for contest in contests(own, queues, peers, given.only.split(','),
                                given.sizes.split(',')):
            for _ in range(given.runs):
                with contextlib.ExitStack() as held:
                    if given.lock:
                        fcntl.flock(lock, fcntl.LOCK_EX)
                        held.callback(fcntl.flock, lock, fcntl.LOCK_UN)
                    for who in contest.commands:
                        contest.go(who)
            report(contest, writer)


main()
