"""Every part of the load and of the machine, seen in the series of a small scenario. Prints one "ok" or "not ok" line a
test.

usage: load.py SLUICE ROOT
"""
import csv
import os
import subprocess

from harness import ROOT, SLUICE, run_tests

SCENARIOS = os.path.join(ROOT, 'scenarios')

PAUSED = """
flink-version: 2.2
cluster:
  taskmanagers: 2
  slots-per-taskmanager: 4
  slot-sharing: false
  pauses: [PAUSE]
job:
  vertices:
    - {name: source, parallelism: 2, taskmanager: 0, source: {rate: 500/s, record-size: 1kB}}
    - {name: map, parallelism: 2, taskmanager: 1, process: {service: {constant: 0.5ms}, record-size: 1kB}}
    - {name: sink, parallelism: 2, taskmanager: 1, process: {service: {constant: 0.5ms}}}
  edges:
    - {from: source, to: map, partition: forward}
    - {from: map, to: sink, partition: forward}
flink: {execution.buffer-timeout.interval: 10ms}
run: {duration: 4s, warmup: 1s, sample: 100ms}
"""


class Series:
    """What a run recorded: [vertex/subtask, metric] is a dictionary of values by time."""

    def __init__(self, folder, scenario, *options):
        run = subprocess.run([SLUICE, 'run', scenario, '-o', 'result', *options], cwd=folder, stdin=subprocess.DEVNULL,
                             capture_output=True, text=True, check=False, timeout=300)
        assert run.returncode == 0, run.stderr
        self.values = {}
        with open(os.path.join(folder, 'result', 'series.csv'), encoding='utf-8') as file:
            for row in csv.DictReader(file):
                key = f"{row['vertex']}/{row['subtask']}", row['metric']
                self.values.setdefault(key, {})[round(float(row['t_s']), 3)] = float(row['value'])

    def at(self, task, metric, time):
        return self.values[task, metric][round(time, 3)]

    def rate(self, task, metric, begin, end):
        """Of a counter, per second."""
        return (self.at(task, metric, end) - self.at(task, metric, begin)) / (end - begin)

    def mean(self, task, metric, begin, end):
        values = [value for time, value in self.values[task, metric].items() if begin <= time <= end]
        return sum(values) / len(values)

    def has(self, task, metric):
        return (task, metric) in self.values


def shipped(folder, name, *options):
    return Series(folder, os.path.join(SCENARIOS, name + '.yaml'), *options)


def paused(folder, pause):
    path = os.path.join(folder, 'paused.yaml')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(PAUSED.replace('PAUSE', pause))
    return Series(folder, path)


def expect(value, least, most, what):
    assert least <= value <= most, f'{what}: {value}, expected {least} to {most}'


def test_pause_of_a_task_manager_is_carried_by_the_buffers_while_there_are_some(folder):
    series = shipped(folder, 'gc-pause')
    for pause in [5, 10]:
        expect(series.rate('map/0', 'numRecordsIn', pause, pause + 0.1), 0, 200, 'the map stands still')
        expect(series.rate('sink/0', 'numRecordsIn', pause, pause + 0.2), 1950, 2050, 'the sink goes on')
    for pause in [15, 20]:
        expect(series.rate('sink/0', 'numRecordsIn', pause + 0.1, pause + 0.2), 0, 2000, 'the sink has nothing left')
        expect(series.mean('sink/0', 'idle.exact', pause + 0.1, pause + 0.1), 800, 1000, 'it idles')


def test_service_changes_at_its_time(folder):
    series = shipped(folder, 'gc-pause')
    expect(series.rate('sink/0', 'numRecordsIn', 11, 12), 1990, 2010, 'before')
    expect(series.rate('sink/0', 'numRecordsIn', 12.1, 12.6), 3900, 4100, 'while there is something to work off')


def test_pause_of_a_vertex_leaves_the_others_alone(folder):
    series = paused(folder, '{vertex: map, at: 2s, for: 0.5s}')
    for subtask in [0, 1]:
        expect(series.rate(f'map/{subtask}', 'numRecordsIn', 2, 2.5), 0, 20, 'a map')
        expect(series.rate(f'source/{subtask}', 'numRecordsOut', 2, 2.5), 480, 520, 'its source')
        expect(series.at(f'map/{subtask}', 'inputQueueLength', 2.5), 3, 30, 'what waits for it')


def test_pause_of_a_subtask_leaves_its_neighbour_alone(folder):
    series = paused(folder, '{vertex: map, subtask: 1, at: 2s, for: 0.5s, every: 1s}')
    for pause in [2, 3]:
        expect(series.rate('map/1', 'numRecordsIn', pause, pause + 0.5), 0, 20, 'the map that stands still')
        expect(series.rate('map/0', 'numRecordsIn', pause, pause + 0.5), 480, 520, 'its neighbour')
    expect(series.rate('map/1', 'numRecordsIn', 2.5, 3), 950, 1050, 'what it works off between two pauses')


def test_pause_of_everything_stops_everything(folder):
    series = paused(folder, '{at: 2s, for: 0.5s}')
    for task in ['map/0', 'map/1', 'sink/0', 'sink/1']:
        expect(series.rate(task, 'numRecordsIn', 2.1, 2.5), 0, 20, task)
    for task in ['source/0', 'source/1']:
        expect(series.rate(task, 'numRecordsOut', 2.1, 2.5), 0, 20, task)


def test_source_follows_its_trace(folder):
    series = shipped(folder, 'rate-trace')
    with open(os.path.join(SCENARIOS, 'trace.csv'), encoding='utf-8') as file:
        steps = [(float(row['t_s']), float(row['rate']))
                 for row in csv.DictReader(line for line in file if not line.startswith('#'))]
    assert len(steps) >= 9
    for (begin, rate), (end, _) in zip(steps, steps[1:]):
        if end <= 9:
            for subtask in [0, 1]:
                expect(series.rate(f'source/{subtask}', 'numRecordsOut', begin + 0.2, end - 0.2), 0.98 * rate, 1.02 * rate,
                       f'source/{subtask} from {begin} s')
    expect(series.mean('source/0', 'outPoolUsage', 10.2, 13), 0.9, 1, 'the pool in the peak')
    expect(series.mean('sink/0', 'busy.exact', 10, 14), 990, 1000, 'the sink works it off')


def test_record_sizes_follow_their_distribution(folder):
    series = shipped(folder, 'rate-trace')
    out = [series.at(f'source/{i}', 'numBytesOut', 20) / series.at(f'source/{i}', 'numRecordsOut', 20) for i in [0, 1]]
    for mean in out:
        expect(mean, 485, 515, 'bytes of a record, log-normal with 500 on average')
    series = shipped(folder, 'flaky-network')
    expect(series.at('source/0', 'numBytesOut', 20) / series.at('source/0', 'numRecordsOut', 20) / 2, 970, 1030,
           'bytes of a record, 500 or 3000')


def test_jitter_makes_records_late_and_nothing_else(folder):
    quiet = ['--set', 'run.duration=6s']  # before the stall
    series = shipped(folder, 'flaky-network', *quiet)
    smooth = shipped(folder, 'flaky-network', *quiet, '--set', 'cluster.link.jitter={constant: 0s}')
    for task in ['one/0', 'other/0']:
        late = series.mean(task, 'latencyMs.mean', 2, 6) - smooth.mean(task, 'latencyMs.mean', 2, 6)
        expect(late, 0.2, 3, f'{task} is later by the 0.5 ms of the jitter, more where messages wait for a late one')
        expect(series.rate(task, 'numRecordsIn', 2, 6), 7950, 8050, task)


def test_stalled_link_stops_more_than_those_behind_it(folder):
    series = shipped(folder, 'flaky-network')
    expect(series.rate('one/0', 'numRecordsIn', 6.2, 6.5), 0, 0, 'behind the stalled link')
    expect(series.rate('other/0', 'numRecordsIn', 6.3, 6.5), 0, 0, 'behind the other, for want of records')
    expect(series.mean('source/0', 'softBackPressured.exact', 6.3, 6.5), 990, 1000, 'the source')


def test_slow_phase_of_a_link_lets_its_part_through(folder):
    series = shipped(folder, 'flaky-network')
    expect(series.rate('one/0', 'numBytesInRemote', 10.5, 13.5), 4.8e6, 5.1e6, 'a quarter of 20 MB/s')
    expect(series.rate('other/0', 'numBytesInRemote', 10.5, 13.5), 4.6e6, 5.2e6, 'the other gets no more')


def test_network_interface_is_shared_by_its_connections(folder):
    series = shipped(folder, 'flaky-network')
    both = [series.rate(task, 'numBytesInRemote', 15, 19) for task in ['one/0', 'other/0']]
    expect(sum(both), 19.5e6, 20e6, 'both together: what the interface sends')
    for each in both:
        expect(each, 9.5e6, 10.5e6, 'each has a half, although its link could carry 20 MB/s')
    wide = shipped(folder, 'flaky-network', '--set', 'cluster.nic.send=1GB/s')
    both = [wide.rate(task, 'numBytesInRemote', 14.2, 15.2) for task in ['one/0', 'other/0']]
    for each in both:
        expect(each, 14e6, 20e6, 'each link by itself')


def test_slot_sharing_puts_one_of_each_vertex_into_a_slot(folder):
    series = shipped(folder, 'two-task-managers')
    for subtask in [0, 1]:
        expect(series.rate(f'sink/{subtask}', 'numBuffersInLocal', 5, 20), 10, 20, 'from the source beside it')
        expect(series.rate(f'sink/{subtask}', 'numBuffersInRemote', 5, 20), 10, 20, 'from the other one')
    series = shipped(folder, 'two-task-managers', '--set', 'cluster.slot-sharing=false', '--set',
                     'cluster.slots-per-taskmanager=2')
    for subtask in [0, 1]:
        expect(series.rate(f'sink/{subtask}', 'numBuffersInRemote', 5, 20), 25, 35, 'all sources are elsewhere')
        assert not series.has(f'sink/{subtask}', 'numBuffersInLocal')


def test_chained_vertices_share_their_time(folder):
    series = shipped(folder, 'chain')
    for subtask in [0, 1]:
        expect(series.rate(f'enrich/{subtask}', 'numRecordsIn', 8, 20), 1980, 2010, '1 / (0.2 + 0.3 ms)')
        expect(series.mean(f'source/{subtask}', 'softBackPressured.exact', 8, 20), 100, 300, 'too slow for the source')
        assert not series.has(f'enrich/{subtask}', 'inPoolUsage')
    series = shipped(folder, 'chain', '--set', 'job.edges[1].chain=false')
    for subtask in [0, 1]:
        expect(series.rate(f'enrich/{subtask}', 'numRecordsIn', 8, 20), 2480, 2520, 'all that the source has')
        expect(series.mean(f'source/{subtask}', 'softBackPressured.exact', 8, 20), 0, 1, 'no back pressure')
        assert series.has(f'enrich/{subtask}', 'inPoolUsage')


def test_slow_channel_stalls_its_connection_over_tcp_only(folder):
    credit = shipped(folder, 'credit-or-tcp')
    tcp = shipped(folder, 'credit-or-tcp', '--set', 'transport=tcp')
    expect(credit.rate('fast-sink/0', 'numRecordsIn', 15, 30), 3950, 4050, 'with credits')
    expect(tcp.rate('fast-sink/0', 'numRecordsIn', 15, 30), 50, 200, 'over plain TCP')


run_tests(globals())
