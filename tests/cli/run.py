"""sluice run from outside: what stands on the disk when it goes wrong, formats, terminals. Prints one "ok" or "not ok"
line a test.

usage: run.py SLUICE ROOT
"""
import csv
import fcntl
import io
import json
import os
import pty
import re
import resource
import select
import signal
import struct
import subprocess
import termios
import time

from harness import ROOT, SLUICE, Skipped, run_tests

SCENARIO = os.path.join(ROOT, 'scenarios', 'two-task-managers.yaml')
SHORT = ['--set', 'run.duration=2s', '--set', 'run.warmup=1s']
ENDLESS = ['--set', 'run.duration=500000s', '--set', 'run.sample=1s']


def sluice(folder, *arguments, **options):
    return subprocess.run([SLUICE, 'run', SCENARIO, *arguments], cwd=folder, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False, timeout=300, **options)


def expect(run, status):
    assert run.returncode == status, f'exit status {run.returncode}, expected {status}; it said: {run.stderr}'


def content(folder):
    """Names and bytes of everything in a folder."""
    found = {}
    for path, _, leaves in os.walk(folder):
        for leaf in leaves:
            with open(os.path.join(path, leaf), 'rb') as file:
                found[os.path.relpath(os.path.join(path, leaf), folder)] = file.read()
    return found


def test_disk_that_fills_up_leaves_the_older_result(folder):
    expect(sluice(folder, *SHORT, '-o', 'result'), 0)
    before = content(folder)
    for limit in [10, 3000, 9000]:
        run = sluice(folder, *SHORT, '-o', 'result', '--seed', '9',
                     preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        expect(run, 1)
        assert 'cannot write' in run.stderr, run.stderr
        assert content(folder) == before


def test_disk_that_fills_up_leaves_nothing_where_nothing_was(folder):
    expect(sluice(folder, *SHORT, '-o', 'result',
                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))), 1)
    assert os.listdir(folder) == [], os.listdir(folder)


def interrupted(folder, number):
    process = subprocess.Popen([SLUICE, 'run', SCENARIO, *ENDLESS, '-o', 'result'], cwd=folder, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not any(os.path.exists(os.path.join(folder, name, 'lock')) for name in os.listdir(folder)):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    return process.returncode, said


def test_interrupt_leaves_the_older_result(folder):
    expect(sluice(folder, *SHORT, '-o', 'result'), 0)
    before = content(folder)
    for number in [signal.SIGINT, signal.SIGTERM]:
        status, said = interrupted(folder, number)
        assert status == 130, f'exit status {status}: {said}'
        assert 'interrupted' in said, said
        assert content(folder) == before
        assert os.listdir(folder) == ['result'], os.listdir(folder)


def test_kill_leaves_no_result_and_the_next_run_nothing_else(folder):
    status, _ = interrupted(folder, signal.SIGKILL)
    assert status == -signal.SIGKILL
    assert not os.path.exists(os.path.join(folder, 'result'))
    expect(sluice(folder, *SHORT, '-o', 'result'), 0)
    assert os.listdir(folder) == ['result'], os.listdir(folder)


def test_older_result_is_replaced_and_other_folders_are_not(folder):
    expect(sluice(folder, *SHORT, '-o', 'result', '--seed', '1'), 0)
    expect(sluice(folder, *SHORT, '-o', 'result', '--seed', '2'), 0)
    with open(os.path.join(folder, 'result', 'summary.json'), encoding='utf-8') as file:
        assert json.load(file)['seed'] == 2
    with open(os.path.join(folder, 'result', 'notes.txt'), 'w', encoding='utf-8') as file:
        file.write('mine')
    before = content(folder)
    run = sluice(folder, *SHORT, '-o', 'result', '--seed', '3')
    expect(run, 2)
    assert 'notes.txt' in run.stderr, run.stderr
    assert content(folder) == before


def test_default_folder_has_the_name_of_the_scenario(folder):
    run = sluice(folder, *SHORT)
    expect(run, 0)
    assert 'results in results/two-task-managers\n' in run.stderr, run.stderr
    assert os.path.exists(os.path.join(folder, 'results', 'two-task-managers', 'summary.csv'))


def test_json_format_is_the_summary(folder):
    run = sluice(folder, *SHORT, '-o', 'result', '--format', 'json')
    expect(run, 0)
    with open(os.path.join(folder, 'result', 'summary.json'), encoding='utf-8') as file:
        assert file.read() == run.stdout
    assert json.loads(run.stdout)['stop_reason'] == 'duration'


def test_csv_format_has_a_row_a_vertex(folder):
    run = sluice(folder, *SHORT, '-o', 'result', '--format', 'csv')
    expect(run, 0)
    rows = list(csv.DictReader(io.StringIO(run.stdout)))
    assert [row['vertex'] for row in rows] == ['source', 'sink'], rows
    assert abs(float(rows[1]['records_in_per_s']) - 2000) < 20, rows[1]


def test_markdown_format_has_tables(folder):
    run = sluice(folder, *SHORT, '-o', 'result', '--format', 'md', '--subtasks')
    expect(run, 0)
    for line in ['# two-task-managers', '| vertex | parallelism |', '| sink 1 |', '**Bottleneck:** sink']:
        assert any(found.startswith(line) for found in run.stdout.splitlines()), f'{line}: {run.stdout}'


def test_tables_fit_80_columns(folder):
    for name in sorted(os.listdir(os.path.join(ROOT, 'scenarios'))):
        if name.endswith('.yaml'):
            scenario = os.path.join(ROOT, 'scenarios', name)
            with open(scenario, encoding='utf-8') as file:
                short = SHORT[:2] if 'study: terminating' in file.read() else SHORT
            run = subprocess.run([SLUICE, 'run', scenario, *short, '--subtasks', '-o', 'result'], cwd=folder,
                                 stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
            assert run.returncode in (0, 4), run.stderr
            for line in run.stdout.splitlines():
                assert len(line) <= 80, f'{name}: {len(line)} columns: {line}'


def test_summary_follows_from_the_series(folder):
    """Means of rates and levels after the warm-up, recomputed."""
    expect(sluice(folder, '-o', 'result', '--set', 'run.duration=9s'), 0)
    samples = {}
    with open(os.path.join(folder, 'result', 'series.csv'), encoding='utf-8') as file:
        for row in csv.DictReader(file):
            if float(row['t_s']) >= 5 and row['vertex'] == 'sink':
                samples.setdefault((row['subtask'], row['metric']), []).append((float(row['t_s']), float(row['value'])))
    with open(os.path.join(folder, 'result', 'summary.csv'), encoding='utf-8') as file:
        rows = {(row['subtask'], row['metric']): row for row in csv.DictReader(file) if row['vertex'] == 'sink'}
    for subtask in ['0', '1']:
        values = [value for _, value in samples[subtask, 'inputQueueLength']]
        row = rows[subtask, 'inputQueueLength']
        assert int(row['n']) == len(values)
        assert abs(float(row['mean']) - sum(values) / len(values)) < 1e-4
    rates = [[(b - a) / (t - s) for (s, a), (t, b) in zip(pairs, pairs[1:])]
             for pairs in (samples[subtask, 'numRecordsIn'] for subtask in ['0', '1'])]
    sums = [a + b for a, b in zip(*rates)]
    row = rows['all', 'numRecordsIn.rate']
    assert int(row['n']) == len(sums)
    assert abs(float(row['mean']) - sum(sums) / len(sums)) < 0.1, row
    assert abs(float(row['max']) - max(sums)) < 0.1, row


def on_terminal(folder, *arguments, columns=80, **environment):
    """What sluice writes when everything is a terminal."""
    try:
        master, slave = pty.openpty()
    except OSError as error:
        raise Skipped('this machine has no pseudo-terminals') from error
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
    process = subprocess.Popen([SLUICE, 'run', SCENARIO, *arguments], cwd=folder, stdin=slave, stdout=slave, stderr=slave,
                               env={**os.environ, 'TERM': 'xterm', **environment})
    os.close(slave)
    said = b''
    while select.select([master], [], [], 60)[0]:
        try:
            part = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        said += part
    os.close(master)
    assert process.wait(60) == 0, said
    return said.decode()


def test_progress_and_colour_are_for_terminals_only(folder):
    long = ['-o', 'result', '--set', 'run.duration=2000s', '--set', 'run.sample=10s']
    said = on_terminal(folder, *long, NO_COLOR='')
    assert '\r[' in said and 'events/s' in said, said[:400]
    assert '\x1b[1mBottleneck' in said, said[-2000:]
    assert '\x1b' not in on_terminal(folder, *long, NO_COLOR='1')
    run = sluice(folder, *long)
    assert '\r' not in run.stderr and '\x1b' not in run.stdout, run.stderr


def test_progress_fits_the_terminal(folder):
    long = ['-o', 'result', '--set', 'run.duration=2000s', '--set', 'run.sample=10s']
    for columns in 80, 30:
        said = on_terminal(folder, *long, columns=columns)
        drawn = said[:said.rindex('\r  ')].split('\r')[1:]
        assert drawn and all(line.startswith('[') and len(line) == columns - 1 for line in drawn), drawn


def test_reader_that_went_away_does_not_cost_the_result(folder):
    read, write = os.pipe()
    os.close(read)
    process = subprocess.run([SLUICE, 'run', SCENARIO, *SHORT, '-o', 'result'], cwd=folder, stdin=subprocess.DEVNULL,
                             stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    expect(process, 1)
    assert os.path.exists(os.path.join(folder, 'result', 'summary.json'))


COST = re.compile(r'^(\d+) events and (\d+) record-hops in [\d.]+ s: [\d.]+\w? events/s,\n    [\d.]+\w? record-hops/s, '
                  r'[\d.]+ simulated seconds a second; peak memory [\d.]+ \wiB$', re.MULTILINE)


def test_verbose_tells_speed_and_memory(folder):
    run = sluice(folder, *SHORT, '-v', '--replications', '2', '--jobs', '2', '-o', 'result')
    expect(run, 0)
    cost = COST.search(run.stderr)
    assert cost, run.stderr
    with open(os.path.join(folder, 'result', 'summary.csv'), encoding='utf-8') as file:
        rates = [float(row['mean']) for row in csv.DictReader(file)
                 if row['vertex'] == 'sink' and row['metric'] == 'numRecordsIn.rate' and row['subtask'] == 'all']
    # 2 s twice, at about the rate of the second half
    assert abs(int(cost[2]) / (rates[0] * 4) - 1) < 0.2, (cost[0], rates)


def test_verbose_counts_records_where_the_warm_up_is_found(folder):
    with open(SCENARIO, encoding='utf-8') as file:
        text = file.read().replace(' warmup: 5s,', '')
    with open(os.path.join(folder, 'found.yaml'), 'w', encoding='utf-8') as file:
        file.write(text)
    given = sluice(folder, '-v', '-o', 'given')
    found = subprocess.run([SLUICE, 'run', 'found.yaml', '-v', '-o', 'found'], cwd=folder, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    expect(given, 0)
    expect(found, 0)
    assert 'MSER-5' in found.stdout, found.stdout
    assert COST.search(found.stderr)[2] == COST.search(given.stderr)[2], (given.stderr, found.stderr)


UNEVEN = """name: uneven
cluster: {taskmanagers: 2, slots-per-taskmanager: 2}
job:
  vertices:
    - {name: source, parallelism: 2, source: {rate: 1000/s, record-size: 500B}}
    - {name: sink, parallelism: 2, process: {service: {constant: 900us}}}
  edges: [{from: source, to: sink, partition: {weights: [11, 9]}}]
run: {duration: 10s, warmup: 2s}
"""


def test_bottleneck_names_its_busiest_subtask(folder):
    with open(os.path.join(folder, 'uneven.yaml'), 'w', encoding='utf-8') as file:
        file.write(UNEVEN)
    run = subprocess.run([SLUICE, 'run', 'uneven.yaml', '-o', 'uneven'], cwd=folder, stdin=subprocess.DEVNULL,
                         capture_output=True, text=True, check=False, timeout=300)
    expect(run, 0)
    told = ' '.join(run.stdout.split())
    assert re.search(r'sink: its service is the limit, busy \d+\.\d % of the time \(mean of 2 subtasks; subtask 0: \d+\.\d %\)',
                     told), told


def test_job_that_cannot_start_has_no_rates(folder):
    run = sluice(folder, '-v', '-o', 'result', '--set', 'flink.taskmanager.memory.network.min=100k',
                 '--set', 'flink.taskmanager.memory.network.max=100k')
    expect(run, 4)
    assert 'no events, as nothing was simulated; peak memory' in run.stderr and 'events/s' not in run.stderr, run.stderr


HUGE = """name: huge
cluster: {taskmanagers: 1000, slots-per-taskmanager: 2, slot-sharing: false}
flink:
  taskmanager.memory.process.size: 8g
  taskmanager.memory.network.min: 2000m
  taskmanager.memory.network.max: 2000m
  taskmanager.network.memory.buffers-per-channel: 30
job:
  vertices:
    - {name: source, parallelism: 1000, source: {rate: unlimited, record-size: 17B}}
    - {name: sink, parallelism: 1000, process: {service: {constant: 1s}, selectivity: 0}}
  edges: [{from: source, to: sink, partition: rebalance}]
run: {duration: 100s, warmup: 1s, sample: 1s}
"""


def test_job_that_no_memory_holds_is_refused_with_the_estimate(folder):
    with open(os.path.join(folder, 'huge.yaml'), 'w', encoding='utf-8') as file:
        file.write(HUGE)
    for verb in ['run'], ['compare', '--vary', 'job.vertices.sink.process.service.constant=1s,2s']:
        began = time.monotonic()
        run = subprocess.run([SLUICE, verb[0], 'huge.yaml', *verb[1:], '-o', 'result'], cwd=folder,
                             stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=300)
        expect(run, 1)
        for part in ['not enough memory', '1000000 channels', '64000000 buffers', 'lower the parallelism']:
            assert part in run.stderr, f'{part!r} is not in: {run.stderr}'
        # 67 billion records, one a source every 1.5 us, at 4 bytes and their share of a chunk, besides some for the channels
        estimate = re.search(r'takes up to ([0-9]+) GiB', run.stderr)
        assert estimate and 280 <= int(estimate.group(1)) < 320, run.stderr
        assert ('runs that are held at once up to' in run.stderr) == (verb[0] == 'compare'), run.stderr
        assert not os.path.exists(os.path.join(folder, 'result')) and run.stdout == ''
        assert time.monotonic() - began < 60


def test_memory_that_no_pool_takes_holds_no_records(folder):
    path = os.path.join(folder, 'generous.yaml')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(HUGE.replace('taskmanagers: 1000', 'taskmanagers: 2').replace('parallelism: 1000', 'parallelism: 2')
                   .replace('2000m', '60000m').replace('8g', '100g').replace('duration: 100s', 'duration: 2s'))
    expect(subprocess.run([SLUICE, 'run', 'generous.yaml', '-o', 'generous'], cwd=folder, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False, timeout=300), 0)


def test_limit_of_the_process_counts_as_memory(folder):
    limit = 200 << 20
    limits = {'preexec_fn': lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit))}
    large = ['--set', 'job.vertices.source.parallelism=900', '--set', 'job.vertices.sink.parallelism=900',
             '--set', 'cluster.slots-per-taskmanager=900', '--set', 'cluster.slot-sharing=true']
    run = subprocess.run([SLUICE, '--version'], capture_output=True, check=False, **limits)
    if run.returncode != 0:
        raise Skipped('a sanitizer takes more address space than that for itself')
    expect(sluice(folder, *SHORT, '-o', 'small', **limits), 0)
    run = sluice(folder, *SHORT, *large, '-o', 'result', **limits)
    expect(run, 1)
    for part in ['not enough memory', '810000 channels', 'ulimit -v', 'lower the parallelism']:
        assert part in run.stderr, f'{part!r} is not in: {run.stderr}'
    assert not os.path.exists(os.path.join(folder, 'result'))


LARGE = """name: large
cluster: {{taskmanagers: 2, slots-per-taskmanager: {parallelism}, slot-sharing: false}}
flink:
  taskmanager.memory.process.size: 64g
  taskmanager.memory.network.min: {network}
  taskmanager.memory.network.max: {network}
  taskmanager.network.memory.buffers-per-channel: {buffers}
job:
  vertices:
    - {{name: source, parallelism: {parallelism}, source: {{rate: {rate}, arrivals: poisson, record-size: {size}, {keys}}}}}
    - {{name: sink, parallelism: {parallelism}, process: {{service: {{exponential: {service}}}, selectivity: 0}}}}
  edges: [{{from: source, to: sink, partition: {partition}}}]
run: {{duration: 5s, sample: 100ms}}
"""

LARGE_JOBS = {
    'queues': {'parallelism': 80, 'buffers': 70, 'network': '16g', 'rate': '100k/s', 'size': '32kB', 'service': '100s',
               'partition': 'rebalance'},
    'latencies': {'parallelism': 400, 'buffers': 2, 'rate': '2k/s', 'size': '10kB', 'service': '1ms', 'partition': 'forward'},
    'keys': {'parallelism': 1, 'buffers': 2, 'rate': '1k/s', 'size': '100B', 'service': '100us', 'partition': 'hash',
             'keys': 'keys: {count: 2M, zipf: 1}'},
    'broadcast': {'parallelism': 40, 'buffers': 2, 'rate': '10k/s', 'size': '100B', 'service': '10ms', 'partition': 'broadcast'},
    'sizes': {'parallelism': 10, 'buffers': 1000, 'network': '8g', 'rate': '100k/s', 'size': '{pareto: {min: 100B, tail: 0.9}}',
              'service': '100s', 'partition': 'rebalance'},
}


def limited(command, folder, limit):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))


def mebibytes(text, pattern):
    found = re.search(pattern + ' ([0-9.]+) MiB', ' '.join(text.split()))
    assert found, f'no {pattern!r} in: {text}'
    return float(found.group(1))


def test_run_takes_no_more_memory_than_its_estimate(folder):
    low = 40
    if limited([SLUICE, '--version'], folder, low << 20).returncode != 0:
        raise Skipped('a sanitizer takes more address space than that for itself')
    for name, values in LARGE_JOBS.items():
        with open(os.path.join(folder, 'large.yaml'), 'w', encoding='utf-8') as file:
            file.write(LARGE.format(**{'keys': '', 'network': '2g', **values}))
        for several in [], ['--replications', '3', '--jobs', '2']:
            command = [SLUICE, 'run', 'large.yaml', '-v', '-o', 'large', *several]
            run = limited(command, folder, low << 20)
            expect(run, 1)
            each = mebibytes(run.stderr, 'a run takes up to')
            total = mebibytes(run.stderr, 'held at once up to') if several else each
            # With that much, 8 MiB for the program and little more it is let through, and then has enough.
            least = low - mebibytes(run.stderr, 'and') + total * 1.01 + 8.5
            run = limited(command, folder, int(least * (1 << 20)))
            assert run.returncode == 0, f'{name}: with {least} MiB: {run.stderr}'
            taken = mebibytes(run.stderr, 'peak memory')
            assert taken - 8 < total < 8 * taken, f'{name}: {taken} MiB taken, {total} MiB foretold'


def test_stacks_of_threads_count_as_memory_and_none_of_other_runs(folder):
    low = 40
    if limited([SLUICE, '--version'], folder, low << 20).returncode != 0:
        raise Skipped('a sanitizer takes more address space than that for itself')
    with open(os.path.join(folder, 'large.yaml'), 'w', encoding='utf-8') as file:
        file.write(LARGE.format(**{'keys': '', 'network': '2g', **LARGE_JOBS['latencies']}))
    available = []
    for several in [], ['--replications', '9', '--jobs', '1'], ['--replications', '9', '--jobs', '2']:
        run = limited(['sh', '-c', 'ulimit -s 4096; exec "$@"', 'sh', SLUICE, 'run', 'large.yaml', '-o', 'large', *several],
                      folder, low << 20)
        expect(run, 1)
        available.append(mebibytes(run.stderr, 'and'))
    assert abs(available[1] - available[0]) < 0.5, available
    assert abs(available[2] - available[0] + 4) < 0.5, available


run_tests(globals())
