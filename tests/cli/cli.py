"""The command line from outside: help, streams, exit statuses. Prints one "ok" or "not ok" line a test.

usage: cli.py SLUICE ROOT
"""
import json
import os
import re
import signal
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


def test_help_goes_to_stdout_within_80_columns():
    for arguments in [['--help']] + [[verb, '--help'] for verb in verbs()]:
        run = sluice(*arguments)
        expect(run, DONE)
        assert run.stderr == '', run.stderr
        assert re.search(r'^Examples?:$', run.stdout, re.MULTILINE), f'{arguments}: no example'
        for line in run.stdout.splitlines():
            assert len(line) <= 80, f'{arguments}: {len(line)} columns: {line}'


def test_help_is_a_command_as_well():
    assert sluice('help').stdout == sluice('--help').stdout
    assert sluice('help', 'help').stdout == sluice('--help').stdout
    for verb in verbs():
        run = sluice('help', verb)
        expect(run, DONE)
        assert run.stdout == sluice(verb, '--help').stdout
    assert "did you mean 'run'?" in sluice('help', 'rum').stderr


def test_help_lists_the_verbs_of_the_design():
    for verb in ['run', 'plot', 'replay', 'check']:
        assert verb in verbs(), f'{verb} is missing'


def test_version_is_that_of_the_build():
    run = sluice('--version')
    expect(run, DONE)
    with open(os.path.join(ROOT, 'meson.build'), encoding='utf-8') as file:
        version = re.search(r"version: '([^']+)'", file.read()).group(1)
    assert run.stdout == f'sluice {version}\n', run.stdout


def test_wrong_usage_exits_2_and_says_so_on_stderr():
    cases = [[], ['rum'], ['--frobnicate'], ['run'], ['run', '--frobnicate', SCENARIO], ['run', SCENARIO, SCENARIO],
             ['check'], ['replay'], ['plot'], ['help', 'rum'], ['help', 'run', 'size'],
             ['run', SCENARIO, '--set'], ['run', SCENARIO, '--seed', 'many']]
    for arguments in cases:
        run = sluice(*arguments)
        assert run.returncode == USAGE, f'{arguments}: exit status {run.returncode}: {run.stderr}'
        assert run.stdout == '', f'{arguments}: {run.stdout}'
        assert run.stderr != '', arguments


def test_unknown_verb_names_the_nearest():
    assert "did you mean 'run'?" in sluice('rum').stderr


def test_check_accepts_every_shipped_scenario():
    folder = os.path.join(ROOT, 'scenarios')
    names = [name for name in sorted(os.listdir(folder)) if name.endswith('.yaml')]
    assert len(names) >= 7, names
    for name in names:
        run = sluice('check', os.path.join(folder, name))
        expect(run, DONE)
        assert run.stderr == '', f'{name}: {run.stderr}'


def test_check_accepts_the_scenarios_of_the_findings():
    folder = os.path.join(ROOT, 'docs', 'findings')
    names = [name for name in os.listdir(folder) if name.endswith('.yaml')]
    assert len(names) >= 5, names
    for name in names:
        expect(sluice('check', os.path.join(folder, name)), DONE)


def test_commands_of_the_findings_run():
    with open(os.path.join(ROOT, 'docs', 'findings.md'), encoding='utf-8') as file:
        lines = re.sub(r'\\\n\s*', '', ''.join(line[4:] for line in file if line.startswith('    '))).splitlines()
    commands = [line.replace('$N', 'flink.taskmanager.network.memory').split() for line in lines]
    assert len(commands) == 14 and {command[0] for command in commands} == {'sluice', 'gnuplot'}, lines
    for command in commands:
        command = [re.sub(r'^(?=docs/|scenarios/)', ROOT + '/', word) for word in command]
        if command[0] == 'gnuplot':
            drawn = subprocess.run(command, cwd=SCRATCH, stderr=subprocess.PIPE, text=True, check=False)
            assert drawn.returncode == 0 and drawn.stderr == '', drawn.stderr
            assert os.path.getsize(os.path.join(SCRATCH, command[-1])) > 10000, command
        elif command[1] == 'run':
            expect(sluice(*command[1:]), ANSWER)
        else:
            command[command.index('--replications') + 1] = '2'
            short = ['--set', 'run.duration=300ms', '--set', 'run.warmup=100ms']
            expect(sluice(*[word for word in command[1:] if word != '--plot'], *short), DONE)


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
        seen |= set(result)
    assert seen == set(schema['properties']), set(schema['properties']) ^ seen


def test_check_resolved_prints_a_scenario_that_stays_as_it_is():
    first = sluice('check', '--resolved', SCENARIO, '--set', 'run.seed=77')
    expect(first, DONE)
    assert 'seed: 77' in first.stdout and 'buffers-per-channel: 2' in first.stdout, first.stdout
    again = sluice('check', '--resolved', write('resolved.yaml', first.stdout))
    expect(again, DONE)
    assert again.stdout == first.stdout, again.stdout


def test_mistake_in_set_is_shown_under_the_option():
    for verb in ['check', 'run']:
        run = sluice(verb, SCENARIO, '--set', 'run.sampel=1s')
        expect(run, INPUT)
        assert "--set run.sampel=1s: unknown key 'sampel', did you mean 'sample'?" in run.stderr, run.stderr
        assert '\n            ^~~~~~\n' in run.stderr, run.stderr


def test_invalid_scenario_exits_3_with_place_line_and_caret():
    path = edited('wrong.yaml', 'floating-buffers-per-gate', 'floating-bufers-per-gate')
    for verb in ['check', 'run']:
        run = sluice(verb, path)
        expect(run, INPUT)
        assert run.stdout == '', run.stdout
        assert re.search(r'wrong\.yaml:\d+:\d+: ', run.stderr), run.stderr
        assert re.search(r"did you mean '[a-z.-]*floating-buffers-per-gate'\?", run.stderr), run.stderr
        assert re.search(r'^ *\^', run.stderr.split('\n', 2)[2], re.MULTILINE), run.stderr


def test_all_mistakes_are_reported_in_one_go():
    path = edited('wrong.yaml', 'parallelism: 2', 'paralelism: 2')
    with open(path, encoding='utf-8') as file:
        text = file.read()
    path = write('wrong.yaml', text.replace('duration: 20s', 'duration: 20 parsecs'))
    run = sluice('check', path)
    expect(run, INPUT)
    places = set(re.findall(r'wrong\.yaml:(\d+):\d+: ', run.stderr))
    assert len(places) >= 3, run.stderr


def test_missing_scenario_is_not_a_bug():
    for verb in ['run', 'check']:
        run = sluice(verb, 'nowhere.yaml')
        assert run.returncode in (SYSTEM, INPUT), f'exit status {run.returncode}'
        assert 'nowhere.yaml' in run.stderr, run.stderr


def test_run_prints_its_result_on_stdout_without_escapes():
    run = sluice('run', SCENARIO, *SHORT, '-o', 'result', env={'TERM': 'xterm-256color'})
    expect(run, DONE)
    assert 'source' in run.stdout and 'sink' in run.stdout, run.stdout
    assert '\x1b' not in run.stdout + run.stderr, 'escape codes without a terminal'
    for name in ['scenario.yaml', 'series.csv', 'summary.csv', 'summary.json']:
        assert os.path.getsize(os.path.join(SCRATCH, 'result', name)) > 0, name


def test_same_seed_gives_the_same_bytes():
    for name in ['first', 'second']:
        expect(sluice('run', SCENARIO, *SHORT, '--seed', '7', '-o', name), DONE)
    for leaf in ['series.csv', 'summary.csv', 'summary.json']:
        contents = []
        for name in ['first', 'second']:
            with open(os.path.join(SCRATCH, name, leaf), 'rb') as file:
                contents.append(file.read())
        assert contents[0] == contents[1], leaf


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
        seen.append((run.stdout, folder_bytes(os.path.join(SCRATCH, 'jobs'))))
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
        with open(os.path.join(SCRATCH, 'guarded', 'summary.json'), encoding='utf-8') as file:
            assert len(json.load(file)['thresholds']) == len(entries)
    for wrong in ['{metric: sink.nothing, at-most: 1}', '{metric: sink.busy}', '{metric: sink.busy, at-most: 1ms}']:
        expect(sluice('run', SCENARIO, *SHORT, '--set', f'thresholds=[{wrong}]'), INPUT)


def test_run_ends_when_it_is_drained():
    text = ('name: ending\nstudy: terminating\njob:\n  vertices:\n'
            '    - {name: source, source: {rate: unlimited, records: 2k, record-size: 1kB}}\n'
            '    - {name: sink, process: {service: {exponential: 2ms}}}\n'
            '  edges: [{from: source, to: sink, partition: rebalance}]\n'
            'run: {duration: 60s, until: {drained: true}}\n'
            'thresholds: [{metric: end, at-most: 6s}]\n')
    path = write('ending.yaml', text.replace('2k', '2000'))
    run = sluice('run', path, '-o', 'ending')
    expect(run, DONE)
    assert run.stdout.startswith('kept ') and 'to run.until (drained)' in run.stdout.replace('\n', ' '), run.stdout
    with open(os.path.join(SCRATCH, 'ending', 'summary.json'), encoding='utf-8') as file:
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
    with open(os.path.join(SCRATCH, 'guards', 'config-02', 'summary.json'), encoding='utf-8') as file:
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
        with open(os.path.join(SCRATCH, 'varied', 'compare.csv'), encoding='utf-8') as file:
            seen.append((run.stdout, file.read()))
    assert seen[0] == seen[1]
    assert max(map(len, seen[0][0].splitlines())) <= 80, seen[0][0]
    assert 'floating-buffers-per-gate=2 (baseline)' in seen[0][0] and ', 4 pairs)' in seen[0][0], seen[0][0]
    for name in ['config-01', 'config-02']:
        assert 'series.csv' in os.listdir(os.path.join(SCRATCH, 'varied', name))


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
    charts = os.path.join(SCRATCH, 'drawn', 'charts')
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
    assert 'charts' not in os.listdir(os.path.join(SCRATCH, 'drawn'))


def test_compare_charts_have_a_contour_between_good_and_bad():
    # 1 MB/s is taken in by the sink whatever the link's latency; what the credits allow over 50 ms is less.
    run = sluice('compare', os.path.join(ROOT, 'docs', 'findings', 'links.yaml'), '--vary', 'cluster.link.latency=0.1ms,50ms',
                 '--vary', FLOATING + '1,1000', '--replications', '2', '--plot', '-o', 'contour',
                 '--set', 'run.duration=2s', '--set', 'run.warmup=1s')
    expect(run, DONE)
    with open(os.path.join(SCRATCH, 'contour', 'charts', 'compare-heat.svg'), encoding='utf-8') as file:
        text = file.read()
    assert 'line: 95 % of the best throughput' in text and re.search(r'rgb\(197, *27, *125\)', text)
    dumb = sluice('plot', '--terminal', 'dumb', 'contour')
    expect(dumb, DONE)
    assert max(map(len, dumb.stdout.splitlines())) <= 80, dumb.stdout
    rate = dumb.stdout[dumb.stdout.index('down: latency'):].split('records/s')[1].split('latency p99')[0].splitlines()
    assert [line.count('*') for line in rate if 'ms' in line] == [2, 1], rate
    # The scripts run by hand too, and make the chart data that they lack.
    subprocess.run(['rm', '-r', os.path.join(SCRATCH, 'contour', 'charts')], check=True)
    for name in ['compare', 'compare-time', 'compare-heat']:
        by_hand = subprocess.run(['gnuplot', '-c', os.path.join(ROOT, 'plots', name + '.gp'), 'contour', 'png', name + '.png'],
                                 cwd=SCRATCH, env=dict(os.environ, SLUICE=SLUICE), stderr=subprocess.PIPE, text=True, check=False)
        assert by_hand.returncode == 0 and by_hand.stderr == '', by_hand.stderr
        assert os.path.getsize(os.path.join(SCRATCH, name + '.png')) > 5000, name


def test_compare_charts_of_jobs_that_share_no_vertex():
    run = sluice('compare', SCENARIO, os.path.join(ROOT, 'scenarios', 'hot-key.yaml'), *SHORT, '--replications', '2', '--plot',
                 '-o', 'different')
    expect(run, DONE)
    assert 'gnuplot' not in run.stderr, run.stderr
    drawn = sluice('plot', '-o', 'elsewhere', 'different')
    expect(drawn, DONE)
    assert sorted(os.listdir(os.path.join(SCRATCH, 'elsewhere'))) == ['compare-time.png', 'compare-time.svg', 'compare.png',
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
    with open(os.path.join(SCRATCH, 'growing', 'compare.csv'), encoding='utf-8') as file:
        rows = [line for line in file if line.startswith('2,')]
    assert rows and all(',0,,,,,,,never settles,' in line for line in rows), rows
    for name in ['compare', 'compare-time']:
        with open(os.path.join(SCRATCH, 'growing', 'charts', name + '.svg'), encoding='utf-8') as file:
            text = file.read()
        assert '{exponential: 1500us} (never settles)' in text, name
    all_of_them = sluice('compare', growing, '--vary', 'run.sample=500ms,250ms', '--vary',
                         'flink.execution.buffer-timeout.interval=100ms,10ms', '--replications', '2', '--plot', '-o', 'growing')
    expect(all_of_them, DONE)
    assert 'gnuplot' not in all_of_them.stderr and 'no compare chart' in all_of_them.stderr, all_of_them.stderr
    assert 'compare-time.png' in os.listdir(os.path.join(SCRATCH, 'growing', 'charts'))


def test_compare_refuses_what_cannot_be_compared():
    cases = [[SCENARIO], [SCENARIO, '--vary', 'run.sample=1s'], [SCENARIO, '--vary', 'run.sample=1s,'],
             [SCENARIO, '--vary', 'nonsense'], [SCENARIO, SCENARIO, '--vary', 'run.sample=1s,2s'],
             [SCENARIO, SCENARIO, '--baseline', '3']]
    for case in cases:
        run = sluice('compare', *case)
        assert run.returncode == USAGE and run.stdout == '', f'{case}: {run.returncode} {run.stderr}'
    run = sluice('compare', SCENARIO, '--vary', 'flink.taskmanager.memory.network.max=64m,128kb', *SHORT, '--set',
                 'flink.taskmanager.memory.network.min=128kb', '--replications', '2', '-o', 'refused')
    expect(run, ANSWER)
    assert 'cannot start' in run.stdout, run.stdout
    drawn = sluice('plot', 'refused')
    expect(drawn, DONE)
    assert 'gnuplot' not in drawn.stderr, drawn.stderr
    with open(os.path.join(SCRATCH, 'refused', 'charts', 'compare.svg'), encoding='utf-8') as file:
        assert '128kb (cannot start)' in file.read()


def test_resolved_scenario_can_be_run_again():
    expect(sluice('run', SCENARIO, *SHORT, '-o', 'first'), DONE)
    expect(sluice('run', os.path.join('first', 'scenario.yaml'), '-o', 'again'), DONE)
    for leaf in ['series.csv', 'summary.csv']:
        with open(os.path.join(SCRATCH, 'first', leaf), 'rb') as a, \
                open(os.path.join(SCRATCH, 'again', leaf), 'rb') as b:
            assert a.read() == b.read(), leaf


def test_job_that_cannot_start_exits_4_with_flinks_text():
    run = sluice('run', SCENARIO, '--set', 'flink.taskmanager.memory.network.min=128kb',
                 '--set', 'flink.taskmanager.memory.network.max=128kb', '-o', 'result')
    expect(run, ANSWER)
    assert 'Insufficient number of network buffers: required' in run.stdout + run.stderr, run.stderr
    assert 'currently set to 4 of 32768 bytes each' in run.stdout + run.stderr, run.stderr


def test_deadlock_exits_4_and_tells_who_waits_for_whom():
    scenario = os.path.join(ROOT, 'scenarios', 'deadlock.yaml')
    run = sluice('run', scenario, '-o', 'result')
    expect(run, ANSWER)
    words = ' '.join(run.stdout.split())
    assert 'map/0 is blocked within a record' in words, run.stdout
    assert 'source/0 holds' in words, run.stdout
    with open(os.path.join(SCRATCH, 'result', 'summary.json'), encoding='utf-8') as file:
        assert json.load(file)['deadlock'] is True
    overdraft = 'flink.taskmanager.network.memory.max-overdraft-buffers-per-gate=0'
    assert overdraft.split('.')[-1].split('=')[0] in words
    expect(sluice('run', scenario, '--set', overdraft, '-o', 'result'), DONE)


def test_full_disk_exits_1():
    with open('/dev/full', 'w', encoding='utf-8') as full:
        run = sluice('run', SCENARIO, *SHORT, '-o', 'result', stdout=full)
    expect(run, SYSTEM)
    assert run.stderr != ''


def test_folder_that_cannot_be_written_leaves_nothing():
    write('a-file', 'in the way\n')
    before = sorted(os.listdir(SCRATCH))
    run = sluice('run', SCENARIO, *SHORT, '-o', os.path.join('a-file', 'result'))
    assert run.returncode in (SYSTEM, USAGE), f'exit status {run.returncode}'
    assert 'a-file' in run.stderr, run.stderr
    assert sorted(os.listdir(SCRATCH)) == before


def test_missing_gnuplot_exits_1_and_keeps_the_data():
    run = sluice('run', SCENARIO, *SHORT, '--plot', '-o', 'result', env={'PATH': '/nowhere'})
    expect(run, SYSTEM)
    assert 'gnuplot' in run.stderr, run.stderr
    assert os.path.getsize(os.path.join(SCRATCH, 'result', 'series.csv')) > 0


def test_plot_draws_a_result_folder():
    expect(sluice('run', SCENARIO, *SHORT, '-o', 'result'), DONE)
    expect(sluice('plot', 'result'), DONE)
    charts = os.listdir(os.path.join(SCRATCH, 'result', 'charts'))
    for ending in ['.svg', '.png']:
        drawn = [name for name in charts if name.endswith(ending)]
        assert drawn, charts
        for name in drawn:
            assert os.path.getsize(os.path.join(SCRATCH, 'result', 'charts', name)) > 1000, name


def test_plot_of_no_result_fails_in_words():
    run = sluice('plot', 'nowhere')
    assert run.returncode in (SYSTEM, USAGE, INPUT), f'exit status {run.returncode}'
    assert 'nowhere' in run.stderr, run.stderr


def test_size_tells_every_shipped_scenario_and_its_lines_fit():
    folder = os.path.join(ROOT, 'scenarios')
    for leaf in sorted(os.listdir(folder)):
        if leaf.endswith('.yaml'):
            run = sluice('size', os.path.join(folder, leaf))
            expect(run, DONE)
            assert 'The job starts' in run.stdout, leaf
            assert all(len(line) <= 80 for line in run.stdout.splitlines()), f'{leaf}: {run.stdout}'


def test_size_of_a_job_that_cannot_start_exits_4_in_every_format():
    for form in ['table', 'md', 'csv', 'json']:
        run = sluice('size', '-p', '4', '-B', '32', '-F', '64', '--network-memory', '3m', '--format', form)
        expect(run, ANSWER)
        text = ' '.join(run.stdout.split())
        assert 'required 32, but only 26 available. The total number' in text, f'{form}: {run.stdout}'
        assert form != 'json' or json.loads(run.stdout)['least_segments'] == 102
    expect(sluice('size', '-p', '4', '-B', '32', '-F', '64', '--network-memory', '3264k'), DONE)


def test_size_refuses_options_that_do_not_go_together():
    for arguments in [['-p', '0'], ['-p', 'many'], ['-F', '0'], ['-m', '1 parsec'], ['-p', '2', SCENARIO],
                      ['--set', 'run.seed=1'], [SCENARIO, SCENARIO], ['--edge', 'weights'], ['-p', '4', '--consumers', '3', '--edge', 'forward']]:
        run = sluice('size', *arguments)
        assert run.returncode == USAGE, f'{arguments}: exit status {run.returncode}: {run.stderr}'
        assert run.stdout == '' and run.stderr != '', arguments


def test_size_recomputes_tables_and_exits_4_when_one_differs():
    folder = os.path.join(ROOT, 'tests', 'reference', 'pool')
    tables = [os.path.join(folder, leaf) for leaf in sorted(os.listdir(folder)) if leaf.startswith('sizing_')]
    run = sluice('size', '--tables', *tables)
    expect(run, DONE)
    assert run.stdout.count('rows agree') == 5, run.stdout
    wrong = write('wrong.csv', 'name,value\nfloating_per_gate,9\n')
    run = sluice('size', '--tables', tables[0], wrong)
    expect(run, ANSWER)
    assert 'wrong.csv:2' in run.stdout, run.stdout
    expect(sluice('size', '--tables', wrong, SCENARIO), INPUT)
    expect(sluice('size', '--tables'), USAGE)
    expect(sluice('size', '--tables', wrong, '-p', '3'), USAGE)


def test_size_warns_of_knobs_that_flink_2_2_does_not_have():
    run = sluice('size', '--flink-version', '2.2', '-B', '3')
    expect(run, DONE)
    assert 'what-if' in run.stderr, run.stderr
    assert sluice('size', '--flink-version', '2.2').stderr == ''


def test_replay_agrees_with_a_trace_and_stops_at_a_difference():
    trace = os.path.join(ROOT, 'tests', 'reference', 'pool', 'pool_00_single.trace')
    expect(sluice('replay', trace), DONE)
    with open(trace, encoding='utf-8') as file:
        lines = file.read().split('\n')
    at = lines.index('> 3 request 0 1') + 1
    assert lines[at] == '= buf 1'
    lines[at] = '= buf 2'
    run = sluice('replay', write('other.trace', '\n'.join(lines)))
    expect(run, ANSWER)
    said = run.stdout + run.stderr
    assert f'other.trace:{at + 1}' in said or f'other.trace:{at}' in said, said
    assert 'buf 1' in said and 'buf 2' in said, said


def recording(name, *leaves, edit=None):
    """A copy of some files of the recording of linear-p1, with edit(leaf, text) applied."""
    folder = os.path.join(SCRATCH, name)
    os.makedirs(folder, exist_ok=True)
    for leaf in leaves:
        with open(os.path.join(ROOT, 'tests', 'reference', 'jobs', 'linear-p1', leaf), encoding='utf-8') as file:
            text = file.read()
        with open(os.path.join(folder, leaf), 'w', encoding='utf-8') as file:
            file.write(edit(leaf, text) if edit else text)
    return name


def test_validate_holds_a_recording_and_prints_every_metric():
    case = os.path.join(ROOT, 'tests', 'reference', 'jobs', 'linear-p1')
    run = sluice('validate', case, '--jobs', '2')
    expect(run, DONE)
    assert run.stderr == '', run.stderr
    assert re.search(r'^outPoolUsage +0.99\d+ .* yes$', run.stdout, re.MULTILINE), run.stdout
    assert re.search(r'^linear-p1 +(\d+) +\1 +100.0 % +ok$', run.stdout, re.MULTILINE), run.stdout
    for line in run.stdout.splitlines():
        assert len(line) <= 80, line
    said = json.loads(sluice('validate', case, '--format', 'json').stdout)
    assert said['metrics'] == said['metrics_within'] and said['cases'][0]['holds'] is True
    rows = sluice('validate', case, '--format', 'csv', '--seeds', '2').stdout.splitlines()
    assert rows[0].startswith('case,vertex,metric,recorded,mean,least,most,error,tolerance,spread,verdict')
    assert len({len(row.split(',')) for row in rows if '"' not in row}) == 1


def test_validate_exits_4_when_a_metric_is_out_of_tolerance():
    def slower(leaf, text):
        return text.replace('sink,all,numRecordsIn.rate,90,500.0', 'sink,all,numRecordsIn.rate,90,520.0')
    case = recording('slower', 'case.yaml', 'series.csv', 'summary.csv', edit=slower)
    run = sluice('validate', case, '--brief')
    expect(run, ANSWER)
    assert re.search(r'^numRecordsIn.rate +520 +500 +500 +20 .* NO$', run.stdout, re.MULTILINE), run.stdout
    assert 'inPoolUsage' not in run.stdout


def test_validate_tells_the_line_of_a_mistake_in_a_recording():
    def broken(leaf, text):
        return text.replace('0.00,source,0,numRecordsOut', '0.00,source,zero,numRecordsOut') if leaf == 'series.csv' else text
    run = sluice('validate', recording('broken', 'case.yaml', 'series.csv', edit=broken))
    expect(run, INPUT)
    assert re.search(r'series\.csv:\d+:', run.stderr), run.stderr
    expect(sluice('validate', 'nowhere'), SYSTEM)
    expect(sluice('validate', recording('whole', 'case.yaml', 'series.csv'), '--seeds', '0'), USAGE)


def test_validate_needs_no_summary():
    expect(sluice('validate', recording('series-only', 'case.yaml', 'series.csv')), DONE)


def test_validate_draws_both_series():
    case = recording('drawn', 'case.yaml', 'series.csv', 'summary.csv')
    expect(sluice('validate', case, '--brief', '--seeds', '2', '--plot', 'charts'), DONE)
    for leaf in ['validation.svg', 'validation.png']:
        assert os.path.getsize(os.path.join(SCRATCH, 'charts', 'drawn', leaf)) > 5000


def test_calibrated_scenario_behaves_like_the_recording():
    case = recording('calibrated', 'series.csv', 'summary.csv', 'placement.csv')
    run = sluice('calibrate', case, '--flink-version', '2.2', '--warmup', '15s')
    expect(run, DONE)
    assert re.search(r'constant: 2ms # busy 1000', run.stdout), run.stdout
    out = os.path.join('calibrated', 'case.yaml')
    expect(sluice('calibrate', case, '--flink-version', '2.2', '--warmup', '15s', '-o', out), DONE)
    with open(os.path.join(SCRATCH, out), encoding='utf-8') as file:
        assert file.read() == run.stdout
    expect(sluice('check', out), DONE)
    expect(sluice('validate', case, '--brief'), DONE)


def test_calibrate_refuses_what_it_cannot_know():
    case = recording('unknown', 'series.csv')
    expect(sluice('calibrate', case, '--edge', 'source'), USAGE)
    expect(sluice('calibrate', case, '--flink', 'a-key'), USAGE)
    run = sluice('calibrate', case, '--edge', 'source:drain')
    expect(run, INPUT)
    assert "'drain'" in run.stderr, run.stderr


def test_interrupted_run_exits_130():
    process = subprocess.Popen([SLUICE, 'run', SCENARIO, '--set', 'run.duration=500000s', '--set', 'run.sample=1s',
                                '-o', 'result'], cwd=SCRATCH, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    try:
        process.communicate(timeout=1)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, f'exit status {process.returncode}: {said}'


def peak_kib(duration):
    process = subprocess.Popen([SLUICE, 'run', SCENARIO, '--set', f'run.duration={duration}', '-o', duration],
                               cwd=SCRATCH, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f'exit status {process.returncode}'
    return usage.ru_maxrss


def test_memory_does_not_grow_with_simulated_time():
    short, long = peak_kib('10s'), peak_kib('1000s')
    assert long < short + 2048, f'{short} KiB in 10 s, {long} KiB in 1000 s'


def test_a_pasted_configuration_is_warned_of_in_full_by_check_only():
    keys = ''.join(f'  rest.key{n}: 1\n' for n in range(7))
    path = edited('pasted.yaml', 'flink:\n', f'flink:\n{keys}')
    full = sluice('check', path)
    expect(full, 0)
    assert full.stderr.count('has no influence') == 7, full.stderr
    brief = sluice('size', path)
    expect(brief, 0)
    assert brief.stderr.count('has no influence') == 5, brief.stderr
    assert f"2 more warnings: 'sluice check {path}' shows them" in brief.stderr, brief.stderr


def main():
    global SCRATCH
    tests = [(name, function) for name, function in globals().items() if name.startswith('test_')]
    failures = 0
    for number, (name, function) in enumerate(tests, 1):
        with tempfile.TemporaryDirectory() as SCRATCH:
            try:
                function()
                print(f'ok {number} - {name}')
            except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
                failures += 1
                print(f'not ok {number} - {name}')
                for line in str(error).splitlines()[:12]:
                    print(f'#   {line}')
    sys.exit(1 if failures else 0)


main()
