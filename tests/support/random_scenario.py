"""A random scenario: the text of one that sluice accepts, of anything that the language of scenarios has.

usage: random_scenario.py NUMBER

The same number gives the same text on every machine: all chance comes from random.Random(NUMBER).random(), and only whole
numbers and plain arithmetic are made of it. Runs are short: a scenario that would take long is made smaller until it does
not (see Load).
"""
import random
import sys

BUDGET = 120_000 # what a run may cost, in records over one exchange
ROWS = 500       # samples of all subtasks together

SERVICES = ['constant', 'constant', 'constant', 'exponential', 'uniform', 'gamma', 'lognormal', 'weibull', 'pareto',
            'discrete', 'empirical']


class Dice:
    def __init__(self, number):
        self.random = random.Random(number).random

    def whole(self, least, most):
        return least + int(self.random() * (most - least + 1))

    def pick(self, values):
        return values[self.whole(0, len(values) - 1)]

    def chance(self, part):
        return self.random() < part

    def around(self, least, most):
        """A whole number with each decade as likely as the next, and with at most three digits that are not 0."""
        decades = []
        while least * 10 <= most:
            decades.append((least, least * 10))
            least *= 10
        decades.append((least, most))
        low, high = self.pick(decades)
        step = max(1, low // 100)
        return min(high, low + step * self.whole(0, (high - low) // step))


def text_of(value):
    """A value in YAML's flow style."""
    if isinstance(value, dict):
        return '{' + ', '.join(f'{key}: {text_of(member)}' for key, member in value.items()) + '}'
    if isinstance(value, list):
        return '[' + ', '.join(map(text_of, value)) + ']'
    if isinstance(value, bool):
        return 'true' if value else 'false'
    return str(value)


def distribution(dice, kind, mean, unit):
    """One of `kind` with about this mean, a whole number of `unit`."""
    def of(number):
        return f'{max(0, number)}{unit}'
    if kind in ('constant', 'exponential'):
        return {kind: of(mean)}
    if kind == 'uniform':
        width = dice.whole(0, mean)
        return {kind: [of(mean - width), of(mean + width)]}
    if kind in ('gamma', 'lognormal'):
        return {kind: {'mean': of(mean), 'cv': dice.pick([0.1, 0.5, 1, 2])}}
    if kind == 'weibull':
        return {kind: {'scale': of(mean), 'shape': dice.pick([0.7, 1, 2])}}
    if kind == 'pareto':
        return {kind: {'min': of(mean // 2), 'tail': dice.pick([1.5, 2, 3])}}
    if kind == 'discrete':
        return {kind: {'values': [of(mean // 2), of(mean * 3)], 'weights': [4, 1]}}
    return {kind: {'values': [of(mean * part // 100) for part in (60, 95, 100, 145)]}}


# ---- the graph ----

class Vertex:
    def __init__(self, name, is_source):
        self.name = name
        self.is_source = is_source
        self.parallelism = 1
        self.taskmanager = None
        self.inputs = 0   # edges
        self.outputs = 0
        self.rate = 0     # source: records/s of a subtask, None: unlimited; what phases come to on average
        self.phases = None
        self.service = 0  # ns of a record, on average
        self.selectivity = 1
        self.bytes = 29
        self.keys = {}    # what else stands in the file


class Edge:
    def __init__(self, source, target):
        self.source = source
        self.target = target
        self.partition = 'rebalance'
        self.is_chained = False


def lines_of(dice):
    """The edges of some shape, as pairs of numbers; those that nothing leads to are sources."""
    shape = dice.pick(['line', 'line', 'line', 'diamond', 'join', 'fan', 'wild'])
    if shape == 'line':
        return [(i, i + 1) for i in range(dice.whole(1, 4))]
    if shape == 'diamond':
        return [(0, 1), (0, 2), (1, 3), (2, 3)] + ([(3, 4)] if dice.chance(0.4) else [])
    if shape == 'join':
        count = dice.pick([2, 2, 3])
        return [(i, count) for i in range(count)] + ([(count, count + 1)] if dice.chance(0.6) else [])
    if shape == 'fan':
        count = dice.whole(2, 3)
        return [(0, 1 + i) for i in range(count)] + [(1 + i, 10 + i) for i in range(count) if dice.chance(0.3)]
    edges = []
    sources = dice.whole(1, 3)
    for vertex in range(sources, sources + dice.whole(1, 4)):
        for _ in range(dice.pick([1, 1, 2, 3])):
            edges.append((dice.whole(0, vertex - 1), vertex))
    edges += [(source, sources) for source in range(sources) if all(edge[0] != source for edge in edges)]
    return edges


def graph(dice):
    pairs = lines_of(dice)
    numbers = sorted({number for pair in pairs for number in pair})
    targets = {pair[1] for pair in pairs}
    vertices = {number: Vertex(f'v{place}', number not in targets) for place, number in enumerate(numbers)}
    edges = [Edge(vertices[a], vertices[b]) for a, b in pairs]
    is_even = dice.chance(0.4)
    common = dice.pick([1, 1, 2, 2, 3, 4, 5])
    for vertex in vertices.values():
        vertex.parallelism = common if is_even else dice.pick([1, 1, 2, 2, 3, 4, 5])
    for edge in edges:
        edge.source.outputs += 1
        edge.target.inputs += 1
    for edge in edges:
        kinds = ['rebalance', 'rebalance', 'rescale', 'hash', 'hash', 'broadcast', 'weights']
        is_straight = edge.source.parallelism == edge.target.parallelism
        edge.partition = dice.pick(kinds + ['forward'] * (4 if is_straight else 0))
        if edge.partition == 'weights':
            weights = [dice.pick([0, 1, 1, 2, 0.5, 7]) for _ in range(edge.target.parallelism)]
            edge.partition = {'weights': weights if sum(weights) > 0 else [1] * len(weights)}
        is_line = edge.source.outputs == 1 and edge.target.inputs == 1
        edge.is_chained = edge.partition == 'forward' and is_line and dice.chance(0.3)
    return list(vertices.values()), edges


# ---- what the vertices do ----

def record_size(dice, vertex):
    kind = dice.pick(['small'] * 6 + ['middle'] * 4 + ['random'] * 4 + ['exact'] * 2 + ['large', 'huge'])
    sizes = {'small': lambda: dice.whole(17, 120), 'middle': lambda: dice.around(100, 4000),
             'large': lambda: dice.around(4000, 60_000), 'huge': lambda: dice.around(60_000, 300_000),
             'exact': lambda: dice.pick([512, 1024, 4095, 4096, 8192, 32_768, 32_769]),
             'random': lambda: dice.around(40, 3000)}
    vertex.bytes = sizes[kind]()
    if kind != 'random':
        return f'{vertex.bytes}B'
    return distribution(dice, dice.pick(['exponential', 'uniform', 'gamma', 'lognormal', 'discrete', 'empirical']),
                        vertex.bytes, 'B')


def fill_source(dice, vertex):
    keys = vertex.keys
    kind = dice.pick(['unlimited', 'rate', 'rate', 'rate', 'phases'])
    if kind == 'unlimited':
        vertex.rate = None
    elif kind == 'rate':
        vertex.rate = dice.pick([100, 1000, 2000, 5000, 10_000]) if dice.chance(0.5) else dice.around(200, 50_000)
    else:
        vertex.phases = [(dice.around(20, 900), dice.pick([0, 100, 1000, 5000, 10_000, None])) for _ in range(dice.whole(1, 3))]
        vertex.phases.append((dice.around(20, 500), dice.around(100, 5000)))
        if any(rate is None for _, rate in vertex.phases):
            vertex.rate = None
        else:
            vertex.rate = sum(time * rate for time, rate in vertex.phases) / sum(time for time, _ in vertex.phases)
    if dice.chance(0.3):
        keys['arrivals'] = 'poisson'
    if dice.chance(0.3):
        keys['catch-up'] = True
    keys['record-size'] = record_size(dice, vertex)
    if dice.chance(0.6):
        keys['keys'] = {'count': dice.around(1, 2000), 'zipf': dice.pick([0, 0, 0.8, 1.2, 3])}
    if dice.chance(0.2):
        keys['records'] = dice.around(1, 5000)
    if dice.chance(0.2):
        keys['seed'] = dice.whole(0, 9)


def service(dice, vertex, is_round):
    """Its text, and its mean in ns."""
    mean = dice.pick([10, 20, 50, 100, 200, 500, 1000]) if is_round else dice.around(5, 2000)
    value = distribution(dice, 'constant' if is_round and dice.chance(0.8) else dice.pick(SERVICES), mean, 'us')
    if dice.chance(0.04):
        value, mean = dice.pick([({'constant': '0s'}, 0), ({'pareto': {'min': '1us', 'tail': 0.1}}, 10**6)])
    if dice.chance(0.2):
        value['factor'] = [dice.pick([0.2, 0.5, 1, 1, 2]) for _ in range(vertex.parallelism)]
    if dice.chance(0.15):
        value['phases'] = [{'for': f'{dice.around(5, 400)}ms', 'factor': dice.pick([0, 0.5, 1, 1.5, 4])}
                           for _ in range(dice.whole(1, 3))]
    if dice.chance(0.15):
        value['changes'] = [{'at': f'{at + dice.whole(0, 300)}ms', 'factor': dice.pick([0.25, 0.9, 1, 2])}
                            for at in [300, 800, 1500][:dice.whole(1, 3)]]
    if dice.chance(0.1):
        value['seed'] = dice.whole(0, 9)
    return value, mean * 1000


def fill_process(dice, vertex, is_round, is_chained):
    keys = vertex.keys
    selectivities = [1, 1, 1, 1, 1, 1, 0, 0.3, 0.5, 0.5, 2.5, 3, 40]
    vertex.selectivity = dice.pick(selectivities)
    if vertex.inputs == 2 and dice.chance(0.6):
        keys['connect'] = True
    if keys.get('connect') and dice.chance(0.7):
        keys['by-input'] = []
        vertex.selectivity = 0
        for _ in range(2):
            value, mean = service(dice, vertex, is_round)
            vertex.service = mean if vertex.service == 0 else min(vertex.service, mean)
            entry = {'service': value} if dice.chance(0.9) else {}
            vertex.service = vertex.service if entry else 0
            entry['selectivity'] = dice.pick(selectivities)
            vertex.selectivity = max(vertex.selectivity, entry['selectivity'])
            keys['by-input'].append(entry)
    else:
        if dice.chance(0.85):
            keys['service'], vertex.service = service(dice, vertex, is_round)
        keys['selectivity'] = vertex.selectivity
    if vertex.outputs > 0 and dice.chance(0.9):
        keys['record-size'] = record_size(dice, vertex)
    if not is_chained and dice.chance(0.2):
        keys['emit'] = {'every': f'{dice.around(5, 500)}ms', 'records': dice.pick([0, 1, 10, 60, dice.whole(1, 300)])}


# ---- the cluster, Flink, the machine ----

def window(dice, duration_ms):
    length = dice.around(1, 300)
    value = {'at': f'{dice.whole(0, duration_ms)}ms', 'for': f'{length}ms'}
    if dice.chance(0.4):
        value['every'] = f'{length + dice.around(1, 500)}ms'
    return value


def link(dice, duration_ms):
    value = {}
    if dice.chance(0.5):
        value['bandwidth'] = dice.pick(['10Gbit/s', '1Gbit/s', '20MB/s', '5MB/s', '100Mbit/s'])
    if dice.chance(0.5):
        value['latency'] = dice.pick(['0ms', '0.1ms', '0.37ms', '1ms', '5ms', '20ms'])
    if dice.chance(0.2):
        value['jitter'] = distribution(dice, dice.pick(['exponential', 'uniform', 'lognormal']), dice.around(50, 3000), 'us')
    if dice.chance(0.2):
        value['slow'] = [dict(window(dice, duration_ms), factor=dice.pick([0, 0.1, 0.5])) for _ in range(dice.whole(1, 2))]
    return value


def place(dice, vertices, edges):
    """Task managers and slots; the keys of `cluster` that say so."""
    taskmanagers = dice.whole(1, 4)
    is_sharing = dice.chance(0.6)
    is_pinned = dice.chance(0.5)
    if is_pinned:
        for vertex in vertices:
            vertex.taskmanager = dice.whole(0, taskmanagers - 1) if dice.chance(0.8) else None
        for edge in [edge for edge in edges if edge.is_chained]:
            edge.source.taskmanager = edge.target.taskmanager = None
        slots = 40
    else:
        counts = [vertex.parallelism for vertex in vertices]
        slots = -(-(max(counts) if is_sharing else sum(counts)) // taskmanagers)
    return {'taskmanagers': taskmanagers, 'slots-per-taskmanager': slots, 'slot-sharing': is_sharing}


def cluster(dice, vertices, edges, duration_ms):
    value = place(dice, vertices, edges)
    count = value['taskmanagers']
    base = link(dice, duration_ms)
    if base:
        value['link'] = base
    if count > 1 and dice.chance(0.25):
        first = dice.whole(0, count - 1)
        value['links'] = [dict({'from': first, 'to': (first + 1) % count}, **link(dice, duration_ms))]
    if dice.chance(0.12):
        value['nic'] = {dice.pick(['send', 'receive']): dice.pick(['5MB/s', '50MB/s', '1GB/s'])}
    if dice.chance(0.3):
        value['pauses'] = []
        for _ in range(dice.whole(1, 3)):
            pause = window(dice, duration_ms)
            if dice.chance(0.4):
                pause['taskmanager'] = dice.whole(0, count - 1)
            if dice.chance(0.5):
                vertex = dice.pick(vertices)
                pause['vertex'] = vertex.name
                if dice.chance(0.5):
                    pause['subtask'] = dice.whole(0, vertex.parallelism - 1)
            value['pauses'].append(pause)
    return value


def flink(dice, load):
    value = {}
    network = 'taskmanager.network.memory.'
    debloat = network + 'buffer-debloat.'
    checkpoints = 'execution.checkpointing.'

    def maybe(part, key, values):
        if dice.chance(part):
            value[key] = dice.pick(values)
    maybe(0.5, network + 'buffers-per-channel', [0, 1, 1, 2, 4, 6])
    maybe(0.4, network + 'floating-buffers-per-gate', [1, 2, 8, 16])
    maybe(0.4, network + 'max-buffers-per-channel', [1, 2, 2, 4, 4, 10])
    maybe(0.4, network + 'max-overdraft-buffers-per-gate', [0, 1, 5, 20])
    maybe(0.05, network + 'read-buffer.required-per-gate.max', [1, 2, 10])
    maybe(0.1, 'taskmanager.network.max-num-tcp-connections', [2, 3])
    maybe(0.5, 'taskmanager.memory.segment-size', ['4kb', '4kb', '8kb', '32kb', '64kb'])
    load.segment = 1024 * int(value.get('taskmanager.memory.segment-size', '32kb')[:-2])
    load.per_channel = value.get(network + 'max-buffers-per-channel', 10)
    timeout = dice.pick([None, None, None, 0, 1, 10, 10, 37, 37, 100, 100, 'off', 'off'])
    if timeout == 'off':
        value['execution.buffer-timeout.enabled'] = False
        load.timeout_ms = None
    elif timeout is not None:
        value['execution.buffer-timeout.interval'] = f'{timeout} ms'
        load.timeout_ms = timeout
    if dice.chance(0.2):
        value[debloat + 'enabled'] = True
        maybe(0.8, debloat + 'period', ['20 ms', '50 ms', '133 ms'])
        maybe(0.7, debloat + 'target', ['20 ms', '100 ms', '1 s'])
        maybe(0.5, debloat + 'threshold-percentages', [0, 10, 50])
        maybe(0.5, debloat + 'samples', [1, 5, 20])
    if dice.chance(0.35):
        value[checkpoints + 'interval'] = dice.pick(['30 ms', '100 ms', '250 ms', '700 ms'])
        maybe(0.6, checkpoints + 'unaligned.enabled', [True])
        maybe(0.6, checkpoints + 'aligned-checkpoint-timeout', ['0 ms', '1 ms', '20 ms', '200 ms'])
    if dice.chance(0.15):
        exclusive = value.get(network + 'buffers-per-channel', 2)
        segments = load.required_segments(exclusive) * dice.pick([100, 105, 120, 150]) // 100
        size = f'{segments * load.segment}b'
        value['taskmanager.memory.network.min'] = value['taskmanager.memory.network.max'] = size
    return value


def machine(dice, is_round):
    value = {}
    durations = {'wake-up': [0, 7, 120], 'timer-lateness': [0, 3, 110, 1000], 'handover': [0, 1, 90],
                 'source-delay': [0, 1000, 40_000], 'operator-delay': [0, 1000, 150_000],
                 'phase-spread': [0, 500, 30_000], 'checkpoint-rpc': [0, 500, 4000], 'state-latency': [0, 16_000]}
    for key, choice in durations.items():
        if is_round:
            value[key] = '0ms'
        elif dice.chance(0.3):
            value[key] = f'{dice.pick(choice)}us'
    if dice.chance(0.4) or is_round:
        value['record-cpu'] = dice.pick(['0s', '1us', '5us', '50us', '100us'])
    if dice.chance(0.1):
        value['socket-buffer'] = dice.pick(['10kB', '200kB'])
    if dice.chance(0.1):
        value['state-bandwidth'] = dice.pick(['1MB/s', '100MB/s'])
    return value


# ---- how much it is ----

class Load:
    """What a run costs, roughly, in records over one exchange, and the means to lower it."""

    def __init__(self, vertices, edges):
        self.vertices = vertices
        self.edges = edges
        self.segment = 32_768
        self.per_channel = 10
        self.timeout_ms = 100  # None: no flusher
        self.cpu_ns = 1500
        self.duration_ms = 1000

    def channels(self, edge):
        is_straight = edge.partition in ('forward', 'rescale')
        a, b = edge.source.parallelism, edge.target.parallelism
        return max(a, b) if is_straight else a * b

    def required_segments(self, exclusive):
        """At most, of a task manager."""
        return sum((1 + exclusive) * self.channels(edge) + edge.source.parallelism + edge.target.parallelism
                   for edge in self.edges if not edge.is_chained)

    def rates(self):
        """Records/s into each vertex if none of them held up another, and the part of it that the slowest lets through."""
        arriving = {vertex: 0.0 for vertex in self.vertices}
        part = 1.0
        cpu = max(1, self.cpu_ns)
        for vertex in self.vertices:
            each = 1e9 / max(vertex.service, cpu)
            if vertex.is_source:
                each = 1e9 / cpu
                leaving = vertex.parallelism * (each if vertex.rate is None else min(each, vertex.rate))
            else:
                capacity = each * vertex.parallelism
                if arriving[vertex] > capacity:
                    part = min(part, capacity / arriving[vertex])
                leaving = min(arriving[vertex], capacity) * vertex.selectivity
                emit = vertex.keys.get('emit')
                leaving += emit['records'] * vertex.parallelism * 1000 / int(emit['every'][:-2]) if emit else 0
            for edge in self.edges:
                if edge.source is vertex:
                    copies = edge.target.parallelism if edge.partition == 'broadcast' else 1
                    arriving[edge.target] += leaving * copies
        return arriving, part

    def cost(self):
        arriving, part = self.rates()
        total = 0.0
        for edge in self.edges:
            channels = self.channels(edge)
            records = arriving[edge.target] * self.duration_ms / 1000
            kept = channels * self.per_channel * 2 * self.segment / edge.source.bytes
            records = min(records, records * part + kept)
            buffers = records * edge.source.bytes / self.segment
            if self.timeout_ms is None:
                flushes = 0
            else:
                flushes = records if self.timeout_ms == 0 else channels * self.duration_ms / self.timeout_ms
            total += records + 8 * (buffers + min(records, flushes))
        return total

    def lower(self):
        """Make it cheaper by one step."""
        if self.duration_ms > 1000:
            self.duration_ms = max(1000, self.duration_ms * 2 // 3)
            return
        emits = [vertex.keys['emit'] for vertex in self.vertices if 'emit' in vertex.keys]
        for emit in emits:
            emit['records'] = emit['records'] * 2 // 3
        for vertex in self.vertices:
            if vertex.is_source and vertex.rate is None:
                vertex.rate = 20_000 / vertex.parallelism
                if vertex.phases is not None:
                    vertex.phases = [(time, int(vertex.rate) if rate is None else rate) for time, rate in vertex.phases]
            elif vertex.is_source:
                vertex.rate *= 0.6
                if vertex.phases is not None:
                    vertex.phases = [(time, int(rate * 0.6) if rate > 1 else rate) for time, rate in vertex.phases]


# ---- all of it ----

def source_text(vertex):
    def rate_text(rate):
        return 'unlimited' if rate is None else f'{rate}/s'
    if vertex.phases is None:
        rate = {'rate': rate_text(None if vertex.rate is None else max(1, int(vertex.rate)))}
    else:
        rate = {'phases': [{'for': f'{time}ms', 'rate': rate_text(rate)} for time, rate in vertex.phases]}
    return {**rate, **vertex.keys}


def vertex_text(vertex):
    value = {'name': vertex.name, 'parallelism': vertex.parallelism}
    if vertex.taskmanager is not None:
        value['taskmanager'] = vertex.taskmanager
    if vertex.is_source:
        value['source'] = source_text(vertex)
    else:
        value['process'] = vertex.keys
    return text_of(value)


def edge_text(edge):
    value = {'from': edge.source.name, 'to': edge.target.name, 'partition': edge.partition}
    if edge.is_chained:
        value['chain'] = True
    return text_of(value)


def run(dice, load):
    subtasks = sum(vertex.parallelism for vertex in load.vertices)
    least = max(1, load.duration_ms * subtasks // ROWS)
    value = {'duration': f'{load.duration_ms}ms', 'sample': f'{max(least, dice.pick([10, 50, 100, 333, 500]))}ms',
             'seed': dice.whole(0, 1000)}
    kind = dice.pick(['found', 'given', 'given', 'none', 'terminating'])
    if kind == 'terminating' and dice.chance(0.3):
        ends = all('records' in vertex.keys for vertex in load.vertices if vertex.is_source)
        value['until'] = {'drained': True} if ends and load.timeout_ms is not None else {'records': dice.around(1, 10_000)}
    if kind == 'given':
        value['warmup'] = f'{dice.whole(0, load.duration_ms * 2 // 3)}ms'
    elif kind == 'none':
        value['warmup'] = '0s'
    if dice.chance(0.25):
        value['channels'] = True
    return value, kind == 'terminating'


def random_scenario(number):
    dice = Dice(number)
    is_round = dice.chance(0.35)
    vertices, edges = graph(dice)
    chained = {vertex for edge in edges if edge.is_chained for vertex in (edge.source, edge.target)}
    for vertex in vertices:
        if vertex.is_source:
            fill_source(dice, vertex)
        else:
            fill_process(dice, vertex, is_round, vertex in chained)
    load = Load(vertices, edges)
    load.duration_ms = dice.pick([1000, 1000, 1500, 2000, 3000, 4000, 6000])
    machine_keys = machine(dice, is_round)
    load.cpu_ns = {'0s': 1, '1us': 1000, '5us': 5000, '50us': 50_000, '100us': 100_000}.get(machine_keys.get('record-cpu'), 1500)
    flink_keys = flink(dice, load)
    for _ in range(60):
        if load.cost() <= BUDGET:
            break
        load.lower()
    cluster_keys = cluster(dice, vertices, edges, load.duration_ms)
    run_keys, is_terminating = run(dice, load)
    lines = [f'name: random-{number}', f'flink-version: {dice.pick(["1.20", "2.2"])}']
    if dice.chance(0.12):
        lines.append('transport: tcp')
    if is_terminating:
        lines.append('study: terminating')
    lines += [f'cluster: {text_of(cluster_keys)}', 'flink:'] + [f'  {key}: {text_of(value)}' for key, value in flink_keys.items()]
    if not flink_keys:
        lines.pop()
    lines += ['job:', '  vertices:'] + [f'    - {vertex_text(vertex)}' for vertex in vertices]
    lines += ['  edges:'] + [f'    - {edge_text(edge)}' for edge in edges]
    if machine_keys:
        lines.append(f'machine: {text_of(machine_keys)}')
    lines.append(f'run: {text_of(run_keys)}')
    return '\n'.join(lines) + '\n'


if __name__ == '__main__':
    sys.stdout.write(random_scenario(int(sys.argv[1])))
