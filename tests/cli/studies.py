"""Replications and comparisons from outside: their tables, formats, charts and verdicts. Prints one "ok" or "not ok" line a
test.

usage: studies.py SLUICE ROOT
"""
import json
import os
import re
import subprocess

import harness
from harness import ANSWER, DONE, INPUT, ROOT, SCENARIO, SHORT, SLUICE, USAGE, edited, expect, run_tests, sluice, write


def check_schema(value, rule, defs, path):
    """Hold a value against the part of JSON schema that ours use."""
    rule = defs[rule['$ref'].split('/')[-1]] if '$ref' in rule else rule
    kinds = rule.get('type', [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    known = {'object': dict, 'array': list, 'string': str, 'boolean': bool, 'integer': int, 'number': (int, float),
             'null': type(None)}
    assert not kinds or any(isinstance(value, known[kind]) for kind in kinds), f'{path}: {value}'
    assert value in rule.get('enum', [value]) and value == rule.get('const', value), f'{path}: {value}'
    if isinstance(value, (int, float)):
        assert rule.get('minimum', value) <= value <= rule.get('maximum', value), f'{path}: {value}'
    if isinstance(value, dict):
        assert not set(rule.get('required', [])) - set(value), f'{path}: {value}'
        for key, member in value.items():
            rules = [rule['properties'][key]] if key in rule.get('properties', {}) else \
                [inner for pattern, inner in rule.get('patternProperties', {}).items() if re.search(pattern, key)]
            assert rules, f'{path}: {key} is not in the schema'
            check_schema(member, rules[0], defs, f'{path}.{key}')
    if isinstance(value, list):
        for index, member in enumerate(value):
            check_schema(member, rule['items'], defs, f'{path}[{index}]')


def read_schema(name):
    with open(os.path.join(ROOT, 'docs', name), encoding='utf-8') as file:
        return json.load(file)


def test_compare_json_follows_its_schema():
    schema = read_schema('comparison.schema.json')
    run = sluice('compare', SCENARIO, os.path.join(ROOT, 'scenarios', 'hot-key.yaml'), *SHORT,
                 '--replications', '2', '--format', 'json', '-o', 'schema')
    expect(run, DONE)
    check_schema(json.loads(run.stdout), schema, schema['$defs'], 'compare.json')


def test_a_width_of_nothing_has_no_tiny_unit():
    run = sluice('compare', SCENARIO, '--vary', 'run.sample=100ms,200ms', *SHORT, '--replications', '2', '-o', 'even')
    expect(run, DONE)
    assert re.search(r' ms \+- 0 s ', run.stdout), run.stdout


def test_run_json_follows_its_schema():
    schema = read_schema('summary.schema.json')
    seen = set()
    memory = 'flink.taskmanager.memory.network.'
    for scenario, options in [
            ('two-task-managers', ['--set', 'flink.execution.checkpointing.interval=500ms', '--replications', '2']),
            ('log-analytics', ['--set', 'thresholds=[{metric: write.latencyMs.p999, at-most: 1h}]']),
            ('deadlock', []),
            ('article', ['--set', memory + 'min=1mb', '--set', memory + 'max=1mb']),
            ('chain', ['--set', 'run.warmup=0s']),
            ('hot-key', ['--set', 'job.vertices.source.source={rate: 6k/s, catch-up: true, record-size: 1kB}'])]:
        run = sluice('run', os.path.join(ROOT, 'scenarios', scenario + '.yaml'), *SHORT, *options, '--format', 'json',
                     '-o', 'schema')
        assert run.returncode in (DONE, ANSWER), run.stderr
        result = json.loads(run.stdout)
        check_schema(result, schema, schema['$defs'], scenario)
        # a job that does not start has no load to settle
        assert result.get('settles') is {'article': None, 'hot-key': False}.get(scenario, True), scenario
        seen |= set(result)
    assert seen == set(schema['properties']), set(schema['properties']) ^ seen


def folder_bytes(path):
    contents = {}
    for name in sorted(os.listdir(path)):
        with open(os.path.join(path, name), 'rb') as file:
            contents[name] = file.read()
    return contents


def test_replications_give_the_same_bytes_for_any_number_of_threads():
    scenario = os.path.join(ROOT, 'scenarios', 'hot-key.yaml')
    seen = []
    for jobs in ['1', '2', '5']:
        run = sluice('run', scenario, *SHORT, '--replications', '7', '--jobs', jobs, '-o', 'jobs')
        expect(run, DONE)
        seen.append((run.stdout, folder_bytes(os.path.join(harness.SCRATCH, 'jobs'))))
    assert seen[0] == seen[1] == seen[2]
    rows = seen[0][1]['summary.csv'].decode().splitlines()
    assert rows[0] == 'vertex,subtask,metric,n,mean,sd,min,max,reps,half_width', rows[0]
    assert all(row.split(',')[8] == '7' for row in rows[1:]), rows[1]
    summary = json.loads(seen[0][1]['summary.json'])
    assert summary['replications']['count'] == 7
    assert '7 replications' in seen[0][0] and len(max(seen[0][0].splitlines(), key=len)) <= 80


def test_precision_tells_why_it_stopped():
    scenario = os.path.join(ROOT, 'scenarios', 'hot-key.yaml')
    run = sluice('run', scenario, *SHORT, '--precision', '20%', '-o', 'precise')
    expect(run, DONE)
    assert 'every half-width asked for is' in run.stdout, run.stdout
    run = sluice('run', scenario, *SHORT, '--precision', 'count.latencyMs.p99=0.001%', '--replications', '11',
                 '-o', 'precise')
    expect(run, DONE)
    assert '11 replications (the budget is used up' in run.stdout, run.stdout
    for wrong in [['--precision', '2'], ['--precision', 'sink.nothing=2%'], ['--replications', '0'],
                  ['--precision', '2%', '--replications', '5']]:
        expect(sluice('run', scenario, *SHORT, *wrong), USAGE)


def test_thresholds_come_first_and_exit_4_when_broken():
    kept = '{metric: sink.latencyMs.p99, at-most: 100s}'
    broken = '{metric: sink.numRecordsIn.rate, at-least: 10M/s}'
    for entries, status, words in [([kept], DONE, 'kept '), ([broken, kept], ANSWER, 'broken ')]:
        run = sluice('run', SCENARIO, *SHORT, '--set', f'thresholds=[{", ".join(entries)}]', '-o', 'guarded')
        expect(run, status)
        assert run.stdout.startswith(words), run.stdout[:200]
        with open(os.path.join(harness.SCRATCH, 'guarded', 'summary.json'), encoding='utf-8') as file:
            assert len(json.load(file)['thresholds']) == len(entries)
    for wrong in ['{metric: sink.nothing, at-most: 1}', '{metric: sink.busy}', '{metric: sink.busy, at-most: 1ms}']:
        expect(sluice('run', SCENARIO, *SHORT, '--set', f'thresholds=[{wrong}]'), INPUT)


def test_all_mistakes_in_thresholds_are_told_before_anything_runs():
    path = os.path.join(harness.SCRATCH, 'wrong.yaml')
    with open(SCENARIO, encoding='utf-8') as scenario, open(path, 'w', encoding='utf-8') as file:
        text = scenario.read()
        file.write(f'{text}thresholds:\n'
                   '  - {metric: sink.numRecordsIn.rate, at-least: 9500}\n'
                   '  - {metric: sink.latencyMs.p99, at-least: 1ms, at-most: 200}\n'
                   '  - {metric: p99, at-most: 2s}\n'
                   '  - {metric: sink.bussy, at-most: 90%}\n')
    line = text.count('\n') + 2
    want = [f"{path}:{line}:5: threshold of 'sink.numRecordsIn.rate': '9500' is not a rate; expected a number with /s, k/s or M/s, "
            'as in 350/s',
            f"{path}:{line + 1}:5: threshold of 'sink.latencyMs.p99': '200' ",
            f"{path}:{line + 2}:5: threshold: there is no metric 'p99', did you mean 'sink.latencyMs.p99'?",
            f"{path}:{line + 3}:5: threshold: there is no metric 'sink.bussy', did you mean 'sink.busy'?"]
    for command in [['check', path], ['run', path], ['compare', path, SCENARIO]]:
        told = sluice(*command)
        expect(told, INPUT)
        lines = told.stderr.splitlines()
        assert len(lines) == len(want) and all(a.startswith(b) for a, b in zip(lines, want)), told.stderr
    given = sluice('check', SCENARIO, '--set', 'thresholds=[{metric: sink.busy, at-most: 1ms}]')
    expect(given, INPUT)
    assert given.stderr.startswith("--set thresholds=[{metric: sink.busy, at-most: 1ms}]: threshold of 'sink.busy': "), given.stderr


def test_precision_suggests_the_metric_that_is_meant():
    for word, meant in [('p99', "'sink.latencyMs.p99'"), ('sink.p50', "'sink.latencyMs.p50'"),
                        ('busy', "'source.busy' or 'sink.busy'"), ('sink.latencyMS.p99', "'sink.latencyMs.p99'")]:
        told = sluice('run', SCENARIO, *SHORT, '--precision', f'{word}=5%')
        expect(told, USAGE)
        assert f"--precision': there is no metric '{word}', did you mean {meant}?" in told.stderr, told.stderr


def test_run_ends_when_it_is_drained():
    text = ('name: ending\nstudy: terminating\njob:\n  vertices:\n'
            '    - {name: source, source: {rate: unlimited, records: 2k, record-size: 1kB}}\n'
            '    - {name: sink, process: {service: {exponential: 2ms}}}\n'
            '  edges: [{from: source, to: sink, partition: rebalance}]\n'
            'run: {duration: 60s, until: {drained: true}}\n'
            'thresholds: [{metric: end, at-most: 6s}]\n')
    path = write('ending.yaml', text)
    run = sluice('run', path, '-o', 'ending')
    expect(run, DONE)
    assert run.stdout.startswith('kept ') and 'to run.until (drained)' in run.stdout.replace('\n', ' '), run.stdout
    with open(os.path.join(harness.SCRATCH, 'ending', 'summary.json'), encoding='utf-8') as file:
        assert json.load(file)['stop_reason'] == 'drained'
    run = sluice('compare', path, '--vary', 'job.vertices.source.source.records=2000,4000', '--replications', '5',
                 '-o', 'ending')
    expect(run, ANSWER)  # the longer one breaks the threshold
    words = run.stdout.split('time to the end\n')[1].split('\n\n')[0]
    assert 'baseline' in words and 'higher by 9' in words or 'higher by 10' in words, run.stdout
    run = sluice('run', path, '--set', 'run.duration=1s', '-o', 'ending')
    expect(run, DONE)
    assert 'took all of run.duration' in run.stderr.replace('\n   ', '') and run.stdout.startswith('not decided'), run.stdout


def test_compare_judges_every_configuration_by_its_thresholds():
    text = ('name: guarded\njob:\n  vertices:\n'
            '    - {name: source, source: {rate: 100/s, arrivals: poisson, catch-up: true, record-size: 1kB}}\n'
            '    - {name: sink, process: {service: {exponential: 2ms}}}\n'
            '  edges: [{from: source, to: sink, partition: rebalance}]\n'
            'run: {duration: 20s, warmup: 2s}\n'
            'thresholds: [{metric: sink.numRecordsIn.rate, at-least: 150/s}]\n')
    path = write('guarded.yaml', text)
    vary = ['--vary', 'job.vertices.source.source.rate=200/s,100/s,900/s', '--replications', '3', '-o', 'guards']
    run = sluice('compare', path, *vary)
    expect(run, ANSWER)
    lines = run.stdout.splitlines()
    assert [line.split()[:2] for line in lines[:3]] == [['A', 'kept'], ['B', 'broken'], ['C', 'never']], run.stdout
    assert 'never settles: the sources' in run.stdout and '  C  ' not in run.stdout, run.stdout
    assert max(map(len, lines)) <= 80, run.stdout
    run = sluice('compare', path, *vary, '--format', 'json')
    expect(run, ANSWER)
    result = json.loads(run.stdout)['configurations']
    assert [one['thresholds'][0]['verdict'] for one in result] == ['kept', 'broken', 'never settles']
    assert 'measures' not in result[2] and 390 < result[2]['lag_growth_per_s'] < 450, result[2]
    with open(os.path.join(harness.SCRATCH, 'guards', 'config-02', 'summary.json'), encoding='utf-8') as file:
        assert json.load(file)['thresholds'][0]['verdict'] == 'broken'
    expect(sluice('compare', path, '--vary', 'job.vertices.source.source.rate=200/s,180/s', '--replications', '3',
                  '-o', 'guards'), DONE)


def test_load_that_grows_without_end_gets_no_averages():
    with open(os.path.join(ROOT, 'scenarios', 'hot-key.yaml'), encoding='utf-8') as file:
        text = file.read()
    assert 'warmup: 5s, ' in text and 'rate: unlimited' in text
    text = text.replace('rate: unlimited', 'rate: 6k/s, catch-up: true')
    for scenario in [text, text.replace('warmup: 5s, ', '')]:
        run = sluice('run', write('grows.yaml', scenario), '-o', 'grows')
        expect(run, DONE)
        words = run.stdout.replace('\n            ', ' ')
        assert words.count('No averages') == 1 and 'lag grows by' in words, run.stdout
        assert 'vertex' not in run.stdout.split('Bottleneck')[0], run.stdout


def test_warmup_is_found_where_none_is_given():
    path = edited('no-warmup.yaml', 'warmup: 5s, ', '')
    run = sluice('run', path, '-o', 'found')
    expect(run, DONE)
    assert '(MSER-5)' in run.stdout, run.stdout
    run = sluice('run', path, '--warmup', '3s', '-o', 'found')
    expect(run, DONE)
    assert 'measured from 3 s on\n' in run.stdout, run.stdout
    run = sluice('run', path, '--set', 'study=terminating', '-o', 'found')
    expect(run, DONE)
    assert 'measured from 0 s on\n' in run.stdout, run.stdout
    expect(sluice('run', SCENARIO, '--set', 'study=terminating'), INPUT)


FLOATING = 'flink.taskmanager.network.memory.floating-buffers-per-gate='


def test_compare_varies_a_key_within_80_columns():
    scenario = os.path.join(ROOT, 'scenarios', 'hot-key.yaml')
    vary = ['--vary', FLOATING + '2,64', *SHORT, '--replications', '4']
    seen = []
    for jobs in ['1', '3']:
        run = sluice('compare', scenario, *vary, '--jobs', jobs, '-o', 'varied')
        expect(run, DONE)
        with open(os.path.join(harness.SCRATCH, 'varied', 'compare.csv'), encoding='utf-8') as file:
            seen.append((run.stdout, file.read()))
    assert seen[0] == seen[1]
    assert max(map(len, seen[0][0].splitlines())) <= 80, seen[0][0]
    assert 'floating-buffers-per-gate=2 (baseline)' in seen[0][0] and ', 4 pairs)' in seen[0][0], seen[0][0]
    for name in ['config-01', 'config-02']:
        assert 'series.csv' in os.listdir(os.path.join(harness.SCRATCH, 'varied', name))


def test_compare_holds_all_against_the_baseline():
    scenario = os.path.join(ROOT, 'scenarios', 'hot-key.yaml')
    run = sluice('compare', scenario, '--vary', FLOATING + '2,8', '--vary', 'run.sample=100ms,200ms', *SHORT,
                 '--replications', '3', '--baseline', '4', '--format', 'json', '-o', 'product')
    expect(run, DONE)
    result = json.loads(run.stdout)
    labels = [configuration['label'] for configuration in result['configurations']]
    assert result['configurations'][1]['settings'] == {FLOATING[:-1]: '2', 'run.sample': '200ms'}, result['configurations'][1]
    assert labels == [f'floating-buffers-per-gate={floating}, sample={sample}'
                      for floating in (2, 8) for sample in ('100ms', '200ms')], labels
    assert result['baseline'] == 3 and abs(result['confidence_of_each_difference'] - (1 - 0.05 / 3)) < 1e-12
    assert {difference['configuration'] for difference in result['differences']} == {0, 1, 2}
    same = [difference for difference in result['differences']
            if difference['configuration'] == 2 and difference['metric'] == 'latencyMs']
    assert same and same[0]['verdict'] == 'same', same


def test_compare_shows_up_to_five_side_by_side_within_80_columns():
    hot_key = os.path.join(ROOT, 'scenarios', 'hot-key.yaml')
    run = sluice('compare', hot_key, '--vary', FLOATING + '1,2,4,8,64', *SHORT, '--replications', '3', '-o', 'five')
    expect(run, DONE)
    assert max(map(len, run.stdout.splitlines())) <= 80, run.stdout
    rows = [line.split() for line in run.stdout.splitlines() if line.startswith('latency p99')]
    assert len(rows) == 1 and len(rows[0]) == 12 and rows[0][-1].endswith('*') and not rows[0][3].endswith('*'), rows
    assert '~' not in run.stdout, run.stdout
    for what in ['back-pressured', 'blocked by channel limit', 'channels without credit', 'buffers used at peak', 'network memory']:
        assert what in run.stdout, what
    six = sluice('compare', hot_key, '--vary', FLOATING + '1,2,4,8,16,64', *SHORT, '--replications', '2', '-o', 'five')
    expect(six, DONE)
    assert 'back-pressured' not in six.stdout and 'Left out here: the measures of every vertex' in six.stdout, six.stdout


def test_compare_shows_vertices_that_only_one_of_two_jobs_has():
    chain = write('ends.yaml', open(os.path.join(ROOT, 'docs', 'findings', 'links.yaml'), encoding='utf-8').read()
                  .replace('sink', 'drain').replace('name: links', 'name: ends'))
    run = sluice('compare', os.path.join(ROOT, 'docs', 'findings', 'links.yaml'), chain, '--replications', '2',
                 '--set', 'run.duration=2s', '--set', 'run.warmup=1s', '-o', 'ends')
    expect(run, DONE)
    assert max(map(len, run.stdout.splitlines())) <= 80, run.stdout
    tables = re.findall(r'^(source|sink|drain|\(job\)) .*mean.*\n((?:.+\n)+)', run.stdout, flags=re.M)
    assert [name for name, rows in tables] == ['source', 'sink', 'drain', '(job)'], run.stdout
    assert all(rows.count('\n') > 2 for name, rows in tables), run.stdout


def test_compare_in_every_format():
    for kind, begins in [('csv', 'config,label,vertex,metric,unit,reps,mean,'), ('md', '```'), ('json', '{')]:
        run = sluice('compare', SCENARIO, os.path.join(ROOT, 'scenarios', 'slow-link.yaml'), *SHORT,
                     '--replications', '2', '--format', kind, '-o', 'formats')
        expect(run, DONE)
        assert run.stdout.startswith(begins), run.stdout[:100]


def test_compare_draws_its_charts():
    hot_key = os.path.join(ROOT, 'scenarios', 'hot-key.yaml')
    run = sluice('compare', hot_key, '--vary', FLOATING + '2,8,64', *SHORT, '--replications', '3', '--plot', '-o', 'drawn')
    expect(run, DONE)
    assert 'gnuplot' not in run.stderr, run.stderr
    charts = os.path.join(harness.SCRATCH, 'drawn', 'charts')
    assert sorted(os.listdir(charts)) == ['compare-time.png', 'compare-time.svg', 'compare.png', 'compare.svg', 'data']
    for name in ['compare.png', 'compare-time.png']:
        assert os.path.getsize(os.path.join(charts, name)) > 10000, name
    for name, words in [('compare', ['floating-buffers-per-gate', '2 (baseline)', '64', 'latency p99 (ms)', 'its tail']),
                        ('compare-time', ['2 (baseline)', 'back-pressured', 'outPoolUsage', 'inPoolUsage', 'records/s'])]:
        with open(os.path.join(charts, name + '.svg'), encoding='utf-8') as file:
            text = file.read()
        assert not [word for word in words if word not in text], name
    two = sluice('compare', hot_key, '--vary', FLOATING + '2,8', '--vary', 'run.sample=100ms,200ms,400ms', *SHORT,
                 '--replications', '2', '--plot', '-o', 'drawn')
    expect(two, DONE)
    assert 'gnuplot' not in two.stderr and os.path.getsize(os.path.join(charts, 'compare-heat.png')) > 5000, two.stderr
    again = sluice('compare', hot_key, '--vary', FLOATING + '2,8', *SHORT, '--replications', '2', '-o', 'drawn')
    expect(again, DONE)
    assert 'charts' not in os.listdir(os.path.join(harness.SCRATCH, 'drawn'))


def test_compare_charts_have_a_contour_between_good_and_bad():
    # 1 MB/s is taken in by the sink whatever the link's latency; what the credits allow over 50 ms is less.
    run = sluice('compare', os.path.join(ROOT, 'docs', 'findings', 'links.yaml'), '--vary', 'cluster.link.latency=0.1ms,50ms',
                 '--vary', FLOATING + '1,1000', '--replications', '2', '--plot', '-o', 'contour',
                 '--set', 'run.duration=2s', '--set', 'run.warmup=1s')
    expect(run, DONE)
    with open(os.path.join(harness.SCRATCH, 'contour', 'charts', 'compare-heat.svg'), encoding='utf-8') as file:
        text = file.read()
    assert 'line: 95 % of the best throughput' in text and re.search(r'rgb\(197, *27, *125\)', text)
    dumb = sluice('plot', '--terminal', 'dumb', 'contour')
    expect(dumb, DONE)
    assert max(map(len, dumb.stdout.splitlines())) <= 80, dumb.stdout
    rate = dumb.stdout[dumb.stdout.index('down: latency'):].split('records/s')[1].split('latency p99')[0].splitlines()
    assert [line.count('*') for line in rate if 'ms' in line] == [2, 1], rate
    # The scripts run by hand too, and make the chart data that they lack.
    subprocess.run(['rm', '-r', os.path.join(harness.SCRATCH, 'contour', 'charts')], check=True)
    for name in ['compare', 'compare-time', 'compare-heat']:
        by_hand = subprocess.run(['gnuplot', '-c', os.path.join(ROOT, 'plots', name + '.gp'), 'contour', 'png', name + '.png'],
                                 cwd=harness.SCRATCH, env=dict(os.environ, SLUICE=SLUICE), stderr=subprocess.PIPE, text=True, check=False)
        assert by_hand.returncode == 0 and by_hand.stderr == '', by_hand.stderr
        assert os.path.getsize(os.path.join(harness.SCRATCH, name + '.png')) > 5000, name


def test_compare_charts_of_jobs_that_share_no_vertex():
    run = sluice('compare', SCENARIO, os.path.join(ROOT, 'scenarios', 'hot-key.yaml'), *SHORT, '--replications', '2', '--plot',
                 '-o', 'different')
    expect(run, DONE)
    assert 'gnuplot' not in run.stderr, run.stderr
    drawn = sluice('plot', '-o', 'elsewhere', 'different')
    expect(drawn, DONE)
    assert sorted(os.listdir(os.path.join(harness.SCRATCH, 'elsewhere'))) == ['compare-time.png', 'compare-time.svg', 'compare.png',
                                                                      'compare.svg', 'data']


GROWING = """
name: growing
flink-version: 1.20
cluster: {taskmanagers: 2, slots-per-taskmanager: 1}
job:
  vertices:
    - {name: source, taskmanager: 0, source: {rate: 1k/s, arrivals: poisson, catch-up: true, record-size: 200B}}
    - {name: sink, taskmanager: 1, process: {service: {exponential: 1500us}}}
  edges: [{from: source, to: sink, partition: forward}]
run: {duration: 60s, sample: 500ms}
"""


def test_compare_draws_what_has_no_averages_over_time_only():
    growing = write('growing.yaml', GROWING)
    service = ['--vary', 'job.vertices.sink.process.service={exponential: 500us},{exponential: 1500us}']
    run = sluice('compare', growing, *service, '--replications', '2', '--plot', '-o', 'growing')
    expect(run, DONE)
    assert 'gnuplot' not in run.stderr, run.stderr
    row = [line for line in run.stdout.splitlines() if line.startswith('latency p50')][0]
    assert row.split()[-1] == '-', row
    with open(os.path.join(harness.SCRATCH, 'growing', 'compare.csv'), encoding='utf-8') as file:
        rows = [line for line in file if line.startswith('2,')]
    assert rows and all(',0,,,,,,,never settles,' in line for line in rows), rows
    for name in ['compare', 'compare-time']:
        with open(os.path.join(harness.SCRATCH, 'growing', 'charts', name + '.svg'), encoding='utf-8') as file:
            text = file.read()
        assert '{exponential: 1500us} (never settles)' in text, name
    all_of_them = sluice('compare', growing, '--vary', 'run.sample=500ms,250ms', '--vary',
                         'flink.execution.buffer-timeout.interval=100ms,10ms', '--replications', '2', '--plot', '-o', 'growing')
    expect(all_of_them, DONE)
    assert 'gnuplot' not in all_of_them.stderr and 'no compare chart' in all_of_them.stderr, all_of_them.stderr
    assert 'compare-time.png' in os.listdir(os.path.join(harness.SCRATCH, 'growing', 'charts'))


def test_compare_refuses_what_cannot_be_compared():
    hot_key = os.path.join(ROOT, 'scenarios', 'hot-key.yaml')
    again = os.path.join(ROOT, 'scenarios', '.', os.path.basename(SCENARIO))
    cases = [[SCENARIO], [SCENARIO, '--vary', 'run.sample=1s'], [SCENARIO, '--vary', 'run.sample=1s,'],
             [SCENARIO, '--vary', 'nonsense'], [SCENARIO, SCENARIO, '--vary', 'run.sample=1s,2s'],
             [SCENARIO, hot_key, '--baseline', '3']]
    run = sluice('compare', *cases[-1])
    assert "option '--baseline': 3 is out of range; expected 1 to 2" in run.stderr, run.stderr
    for case in cases:
        run = sluice('compare', *case)
        assert run.returncode == USAGE and run.stdout == '', f'{case}: {run.returncode} {run.stderr}'
    for case, words in [([SCENARIO, hot_key, again], 'are one scenario'),
                        ([SCENARIO, '--vary', 'run.seed=1,2'], 'run.seed tells no configurations apart'),
                        ([SCENARIO, '--vary', 'run.sample=1s,2s,1s'], 'has the value 1s twice'),
                        ([SCENARIO, '--vary', 'run.sample=1s,2s', '--vary', 'run.sample=3s'], 'run.sample is varied twice')]:
        run = sluice('compare', *case)
        assert run.returncode == USAGE and words in run.stderr, f'{case}: {run.returncode} {run.stderr}'
    for option, value, words in [('--vary', 'job.vertices.sink.parallelism=2,99', 'needs 99 slots'),
                                 ('--vary', 'run.sample=1s,2x', "'2x' is not a duration"),
                                 ('--warmup', '1x', "'1x' is not a duration")]:
        run = sluice('compare', SCENARIO, '--vary', 'cluster.link.latency=1ms,2ms', option, value)
        path, _, values = value.rpartition('=')
        label = f'{option} {path or "run.warmup"}={values.split(",")[-1]}: '
        assert run.returncode == INPUT and run.stderr.startswith(label) and words in run.stderr, f'{value}: {run.stderr}'
    run = sluice('compare', SCENARIO, '--vary', 'flink.taskmanager.memory.network.max=64m,128kb', *SHORT, '--set',
                 'flink.taskmanager.memory.network.min=128kb', '--replications', '2', '-o', 'refused')
    expect(run, ANSWER)
    assert 'cannot start' in run.stdout, run.stdout
    drawn = sluice('plot', 'refused')
    expect(drawn, DONE)
    assert 'gnuplot' not in drawn.stderr, drawn.stderr
    with open(os.path.join(harness.SCRATCH, 'refused', 'charts', 'compare.svg'), encoding='utf-8') as file:
        assert '128kb (cannot start)' in file.read()


run_tests(globals())
