"""The command line from outside: help, streams, exit statuses. Prints one "ok" or "not ok" line a test.

usage: cli.py SLUICE ROOT
"""
import json
import os
import re
import signal
import subprocess

import harness
from harness import (ANSWER, DONE, INPUT, ROOT, SCENARIO, SHORT, SLUICE, SYSTEM,
                     USAGE, edited, expect, run_tests, sluice, verbs, write)


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
            drawn = subprocess.run(command, cwd=harness.SCRATCH, stderr=subprocess.PIPE, text=True, check=False)
            assert drawn.returncode == 0 and drawn.stderr == '', drawn.stderr
            assert os.path.getsize(os.path.join(harness.SCRATCH, command[-1])) > 10000, command
        elif command[1] == 'run':
            expect(sluice(*command[1:]), ANSWER)
        else:
            command[command.index('--replications') + 1] = '2'
            short = ['--set', 'run.duration=300ms', '--set', 'run.warmup=100ms']
            expect(sluice(*[word for word in command[1:] if word != '--plot'], *short), DONE)


def test_check_refuses_what_run_refuses():
    little = ['--set', 'flink.taskmanager.memory.process.size=300m']
    run = sluice('check', *little, SCENARIO)
    expect(run, INPUT)
    assert run.stdout == '', run.stdout
    assert run.stderr.startswith(f'{SCENARIO}: IllegalConfigurationException: TaskManager memory'), run.stderr
    assert run.stderr == f'{SCENARIO}: ' + sluice('run', *little, SCENARIO).stderr
    expect(sluice('check', '--resolved', *little, SCENARIO), INPUT)


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
        assert os.path.getsize(os.path.join(harness.SCRATCH, 'result', name)) > 0, name


def test_same_seed_gives_the_same_bytes():
    for name in ['first', 'second']:
        expect(sluice('run', SCENARIO, *SHORT, '--seed', '7', '-o', name), DONE)
    for leaf in ['series.csv', 'summary.csv', 'summary.json']:
        contents = []
        for name in ['first', 'second']:
            with open(os.path.join(harness.SCRATCH, name, leaf), 'rb') as file:
                contents.append(file.read())
        assert contents[0] == contents[1], leaf


def test_resolved_scenario_can_be_run_again():
    expect(sluice('run', SCENARIO, *SHORT, '-o', 'first'), DONE)
    expect(sluice('run', os.path.join('first', 'scenario.yaml'), '-o', 'again'), DONE)
    for leaf in ['series.csv', 'summary.csv']:
        with open(os.path.join(harness.SCRATCH, 'first', leaf), 'rb') as a, \
                open(os.path.join(harness.SCRATCH, 'again', leaf), 'rb') as b:
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
    with open(os.path.join(harness.SCRATCH, 'result', 'summary.json'), encoding='utf-8') as file:
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
    before = sorted(os.listdir(harness.SCRATCH))
    run = sluice('run', SCENARIO, *SHORT, '-o', os.path.join('a-file', 'result'))
    assert run.returncode in (SYSTEM, USAGE), f'exit status {run.returncode}'
    assert 'a-file' in run.stderr, run.stderr
    assert sorted(os.listdir(harness.SCRATCH)) == before


def test_missing_gnuplot_exits_1_and_keeps_the_data():
    run = sluice('run', SCENARIO, *SHORT, '--plot', '-o', 'result', env={'PATH': '/nowhere'})
    expect(run, SYSTEM)
    assert 'gnuplot' in run.stderr, run.stderr
    assert os.path.getsize(os.path.join(harness.SCRATCH, 'result', 'series.csv')) > 0


def test_plot_draws_a_result_folder():
    expect(sluice('run', SCENARIO, *SHORT, '-o', 'result'), DONE)
    expect(sluice('plot', 'result'), DONE)
    charts = os.listdir(os.path.join(harness.SCRATCH, 'result', 'charts'))
    for ending in ['.svg', '.png']:
        drawn = [name for name in charts if name.endswith(ending)]
        assert drawn, charts
        for name in drawn:
            assert os.path.getsize(os.path.join(harness.SCRATCH, 'result', 'charts', name)) > 1000, name


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
    run = sluice('size', '-p', '0')
    expect(run, USAGE)
    assert run.stderr.startswith("sluice size: option '--parallelism': 0 is out of range; expected 1 to "), run.stderr
    older = os.path.join(ROOT, 'tests', 'reference', 'pool-1.20', 'sizing_defaults.csv')
    expect(sluice('size', '--tables', older, '--flink-version', '1.20'), DONE)
    run = sluice('size', '--tables', older)
    expect(run, ANSWER)
    assert 'Flink   5' in run.stdout and 'sluice  20' in run.stdout, run.stdout
    expect(sluice('size', SCENARIO, '--flink-version', '2.2'), USAGE)
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
    folder = os.path.join(harness.SCRATCH, name)
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
    renamed = recording('renamed', 'case.yaml', 'series.csv', 'summary.csv', edit=lambda leaf, text: text.replace('sink', 'sinc')
                        if leaf == 'case.yaml' else text)
    run = sluice('validate', renamed)
    expect(run, INPUT)
    assert run.stderr == f"{renamed}: summary.csv has a vertex 'sink' that the scenario does not have\n", run.stderr
    expect(sluice('validate', 'nowhere'), SYSTEM)
    expect(sluice('validate', recording('whole', 'case.yaml', 'series.csv'), '--seeds', '0'), USAGE)


def test_validate_needs_no_summary():
    expect(sluice('validate', recording('series-only', 'case.yaml', 'series.csv')), DONE)


def test_validate_draws_both_series():
    case = recording('drawn', 'case.yaml', 'series.csv', 'summary.csv')
    expect(sluice('validate', case, '--brief', '--seeds', '2', '--plot', 'charts'), DONE)
    for leaf in ['validation.svg', 'validation.png']:
        assert os.path.getsize(os.path.join(harness.SCRATCH, 'charts', 'drawn', leaf)) > 5000
    with open(os.path.join(harness.SCRATCH, 'charts', 'drawn', 'validation.svg'), encoding='utf-8') as file:
        ticks = re.findall(r'translate\(([\d.]+),([\d.]+)\)"[^>]*text-anchor="end">\s*<text> *[\d.]+</text>', file.read())
    heights = sorted(float(y) for x, y in ticks if float(x) < 84)
    assert len(heights) > 15 and min(b - a for a, b in zip(heights, heights[1:])) > 15, heights


def test_calibrated_scenario_behaves_like_the_recording():
    case = recording('calibrated', 'series.csv', 'summary.csv', 'placement.csv')
    run = sluice('calibrate', case, '--flink-version', '2.2', '--warmup', '15s')
    expect(run, DONE)
    assert re.search(r'constant: 2ms # busy 1000', run.stdout), run.stdout
    out = os.path.join('calibrated', 'case.yaml')
    expect(sluice('calibrate', case, '--flink-version', '2.2', '--warmup', '15s', '-o', out), DONE)
    with open(os.path.join(harness.SCRATCH, out), encoding='utf-8') as file:
        assert file.read() == run.stdout
    expect(sluice('check', out), DONE)
    expect(sluice('validate', case, '--brief'), DONE)


def test_calibrate_refuses_what_it_cannot_know():
    case = recording('unknown', 'series.csv')
    expect(sluice('calibrate', case, '--edge', 'source'), USAGE)
    expect(sluice('calibrate', case, '--flink', 'a-key'), USAGE)
    run = sluice('calibrate', case, '--edge', 'source:drain')
    expect(run, INPUT)
    assert "'drain'" in run.stderr and 'it has ' in run.stderr, run.stderr


def interrupt(*arguments, after=1):
    """What a call that takes long says on both streams when it is interrupted after so many seconds."""
    process = subprocess.Popen([SLUICE, *arguments], cwd=harness.SCRATCH, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    try:
        process.communicate(timeout=after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
    printed, said = process.communicate(timeout=60)
    assert process.returncode == 130, f'exit status {process.returncode}: {said}'
    return printed, said


def test_interrupted_run_exits_130():
    interrupt('run', SCENARIO, '--set', 'run.duration=500000s', '--set', 'run.sample=1s', '-o', 'result')


def test_interrupted_validation_exits_130():
    jobs = os.path.join(ROOT, 'tests', 'reference', 'jobs')
    printed, said = interrupt('validate', '--seeds', '1000', os.path.join(jobs, 'log-analytics'), '--jobs', '2')
    assert printed == '' and said == 'sluice: interrupted; 0 of 1 case was done\n', (printed, said)
    # What is complete is shown: a job that cannot start is done at once.
    for seconds in 1, 4, 16: # a sanitizer on a busy machine takes longer
        printed, said = interrupt('validate', '--seeds', '1000', os.path.join(jobs, 'insufficient-buffers'),
                                  os.path.join(jobs, 'log-analytics'), after=seconds)
        if not said.startswith('sluice: interrupted; 0 of'):
            break
    assert said == 'sluice: interrupted; 1 of 2 cases were done\n' and '1 of 1 cases' in printed, (printed, said)


def peak_kib(duration):
    process = subprocess.Popen([SLUICE, 'run', SCENARIO, '--set', f'run.duration={duration}', '-o', duration],
                               cwd=harness.SCRATCH, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
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


run_tests(globals())
