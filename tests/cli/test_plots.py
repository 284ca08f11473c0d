"""The charts from outside: pictures, scripts by hand, broken results, a missing gnuplot. Prints one "ok" or "not ok" line a test.

usage: test_plots.py SLUICE ROOT
"""
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree
import zlib

SLUICE, ROOT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SMALL = os.path.join(ROOT, 'tests', 'reference', 'result-small')
CHARTS = ['overview', 'usages', 'buffers', 'channels', 'latency']
DONE, SYSTEM, INPUT = 0, 1, 3


def run(*arguments, env=None):
    environment = dict(os.environ, **{'SLUICE': SLUICE, **(env or {})})
    return subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          encoding='utf-8', errors='replace', cwd=SCRATCH, env=environment, check=False, timeout=120)


def expect(result, status):
    assert result.returncode == status, f'exit status {result.returncode}, expected {status}; it said: {result.stderr}'


def small(name='result'):
    """A copy of the small result in the scratch folder."""
    path = os.path.join(SCRATCH, name)
    shutil.copytree(SMALL, path)
    return path


def check_svg(path, *words):
    root = xml.etree.ElementTree.parse(path).getroot()
    assert root.tag.endswith('svg'), path
    texts = ' '.join(''.join(element.itertext()) for element in root.iter() if element.tag.endswith('text'))
    for word in words:
        assert word in texts, f'{path}: no text {word!r}'
    drawn = sum(1 for element in root.iter() if element.tag.endswith(('path', 'polygon', 'image')))
    assert drawn > 10, f'{path}: only {drawn} shapes'


def check_png(path):
    with open(path, 'rb') as file:
        data = file.read()
    assert data[:8] == b'\x89PNG\r\n\x1a\n', path
    width, height = struct.unpack('>II', data[16:24])
    assert width == 1000 and height >= 240, f'{path}: {width} x {height}'
    at, packed = 8, b''
    while at < len(data):
        length, kind = struct.unpack('>I4s', data[at:at + 8])
        packed += data[at + 8:at + 8 + length] if kind == b'IDAT' else b''
        at += length + 12
    pixels = zlib.decompress(packed)
    stride = len(pixels) // height
    lines = {pixels[i * stride:(i + 1) * stride] for i in range(height)}
    assert len(lines) > 60, f'{path}: only {len(lines)} different lines'


def test_plots_draw_every_chart_as_svg_and_png():
    result = small()
    ran = run(SLUICE, 'plot', result)
    expect(ran, DONE)
    assert ran.stdout == '' and 'gnuplot' not in ran.stderr and 'no ' not in ran.stderr, ran.stderr
    charts = os.path.join(result, 'charts')
    assert sorted(os.listdir(charts)) == sorted(['data'] + [f'{c}.{e}' for c in CHARTS for e in ('png', 'svg')])
    for chart in CHARTS:
        check_svg(os.path.join(charts, chart + '.svg'), 'hash-2x4-zipf', 'sink')
        check_png(os.path.join(charts, chart + '.png'))


def test_plots_name_units_and_metrics():
    result = small()
    expect(run(SLUICE, 'plot', '--terminal', 'svg', result), DONE)
    charts = os.path.join(result, 'charts')
    check_svg(charts + '/overview.svg', 'records/s', 'outPoolUsage', 'inPoolUsage', 'share of time (%)', 'simulated time (s)',
              'busy', 'idle', 'back-pressured (soft)', 'back-pressured (hard)', 'warm-up')
    check_svg(charts + '/usages.svg', 'outPoolUsage', 'inPoolUsage', 'inputExclusiveBuffersUsage', 'inputFloatingBuffersUsage')
    check_svg(charts + '/buffers.svg', 'buffers', 'quota', 'segments', 'tm0', 'simulated time (s)')
    check_svg(charts + '/channels.svg', 'source 0 → 2', 'sink 3 ← 1', 'buffers queued', 'simulated time (s)')
    check_svg(charts + '/latency.svg', '(ms)', 'p50', 'p99', '1 in 100', '400 ms', '1.6 s', '3.2 s')


def test_plots_show_the_fullest_of_many_task_managers():
    # Twelve, of which the ninth to the twelfth take most; the others as much as each other.
    result = os.path.join(SCRATCH, 'many')
    os.makedirs(result)
    with open(os.path.join(result, 'series.csv'), 'w', encoding='utf-8') as file:
        file.write('t_s,vertex,subtask,metric,value\n')
        for t in range(10):
            file.write(f'{t},map,0,outPool.used,{t}\n')
            for manager in range(12):
                file.write(f'{t},tm{manager},0,UsedMemorySegments,{100 + t + (50 if manager >= 8 else 0)}\n')
    expect(run(SLUICE, 'plot', '--terminal', 'svg', result), DONE)
    path = os.path.join(result, 'charts', 'buffers.svg')
    check_svg(path, 'The 8 of 12 task managers that take most', *(f'tm{manager}' for manager in [0, 1, 2, 3, 8, 9, 10, 11]))
    with open(path, encoding='utf-8') as file:
        text = file.read()
    assert 'tm4' not in text and 'tm7' not in text and float(re.search(r'viewBox="0 0 1000 ([0-9]+)', text).group(1)) < 1000


def test_plots_use_the_colours_of_flinks_web_ui():
    result = small()
    expect(run(SLUICE, 'plot', '--terminal', 'svg', result), DONE)
    with open(os.path.join(result, 'charts', 'overview.svg'), encoding='utf-8') as file:
        text = re.sub(r'\s', '', file.read())
    for colour in ['rgb(93,177,255)', 'rgb(238,100,100)', 'rgb(136,136,136)', 'rgb(0,0,0)']:
        assert 'fill=\'' + colour in text or 'fill="' + colour in text, f'no area in {colour}'
    assert text.count('<pattern') >= 2, 'no hatching: the areas cannot be told apart in grey'


def test_plots_colour_nodes_as_flinks_web_ui_does():
    # UI-3: busy 40 % makes (151, 146, 193) of blue and red; back-pressured 30 % takes it on towards grey.
    result = os.path.join(SCRATCH, 'result')
    os.makedirs(result)
    with open(os.path.join(result, 'series.csv'), 'w', encoding='utf-8') as file:
        file.write('t_s,vertex,subtask,metric,value\n')
        for t in range(10):
            for metric, value in [('busy', 400), ('idle', 300), ('softBackPressured', 200), ('hardBackPressured', 100)]:
                file.write(f'{t},map,0,{metric}.exact,{value}\n')
    expect(run(SLUICE, 'plot', '--terminal', 'svg', result), DONE)
    with open(os.path.join(result, 'charts', 'overview.svg'), encoding='utf-8') as file:
        text = re.sub(r'\s', '', file.read())
    assert 'rgb(147,143,176)' in text, 'the box has another colour'


def test_plots_words_stay_in_their_boxes():
    # A box is 166 pixels wide within, and a character of its font some 7.1: 23 of them.
    for vertices in (2, 7, 13):
        result = os.path.join(SCRATCH, f'boxes-{vertices}')
        os.makedirs(result)
        with open(os.path.join(result, 'series.csv'), 'w', encoding='utf-8') as file:
            file.write('t_s,vertex,subtask,metric,value\n')
            for t in range(3):
                for vertex in range(vertices):
                    for subtask, busy in enumerate((1000, 480)):
                        file.write(f'{t},v{vertex},{subtask},busy.exact,{busy}\n'
                                   f'{t},v{vertex},{subtask},softBackPressured.exact,{1000 - busy}\n')
        expect(run(SLUICE, 'plot', '--terminal', 'svg', result), DONE)
        root = xml.etree.ElementTree.parse(os.path.join(result, 'charts', 'overview.svg')).getroot()
        words = [''.join(element.itertext()) for element in root.iter() if element.tag.endswith('text')]
        words = [word for word in words if word.startswith('busy 74 %')]
        assert len(words) == vertices, words
        assert all(len(word) <= 23 for word in words), words
        assert vertices > 6 or words[0] == 'busy 74 %, up to 100 %', words


def placed_texts(path):
    """The texts of a picture that are not turned: baseline, left and right end, words. A character is about 7 pixels wide."""
    for group in xml.etree.ElementTree.parse(path).getroot().iter():
        place = re.match(r'translate\(([-.\d]+),([-.\d]+)\)$', group.get('transform', '').strip())
        words = [''.join(element.itertext()) for element in group if element.tag.endswith('text')]
        if place and words and words[0].strip():
            width = (7.8 if group.get('font-weight') == 'bold' else 7.0) * len(words[0])
            left = float(place[1]) - {'start': 0, 'middle': width / 2, 'end': width}[group.get('text-anchor', 'start')]
            yield float(place[2]), left, left + width, words[0]


def test_plots_of_long_names_lay_no_words_over_others():
    path = os.path.join(SCRATCH, 'long.yaml')
    with open(path, 'w', encoding='utf-8') as file:
        file.write('name: a long name of a scenario that does not end at once\ncluster: {taskmanagers: 3}\njob:\n  vertices:\n'
                   '    - {name: a-source-with-a-very-long-name, source: {rate: 300/s, record-size: 1kB}}\n'
                   '    - {name: transformation-with-a-very-long-name, process: {service: {constant: 1ms}, record-size: 1kB}}\n'
                   '    - {name: final-sink-with-a-very-long-name, process: {service: {constant: 9.9ms}}}\n  edges:\n'
                   '    - {from: a-source-with-a-very-long-name, to: transformation-with-a-very-long-name, partition: rebalance}\n'
                   '    - {from: transformation-with-a-very-long-name, to: final-sink-with-a-very-long-name, partition: rebalance}\n'
                   'run: {duration: 6s, warmup: 1s, channels: true}\n')
    expect(run(SLUICE, 'run', path, '-o', 'long', '--plot'), DONE)
    expect(run(SLUICE, 'compare', path, '--vary', 'cluster.link.latency=1ms,2ms', '--replications', '2', '-o', 'both', '--plot'), DONE)
    for folder, charts in [('long', CHARTS), ('both', ['compare', 'compare-time'])]:
        for chart in charts:
            texts = sorted(placed_texts(os.path.join(SCRATCH, folder, 'charts', chart + '.svg')))
            for i, (base, left, right, words) in enumerate(texts):
                assert left > -4 and right < 1004, f'{chart}: {words!r} leaves the picture'
                for other_base, other_left, other_right, other in texts[i + 1:]:
                    assert other_base - base > 9 or min(right, other_right) - max(left, other_left) < 3, f'{chart}: {words!r} and {other!r}'


def test_plots_say_where_the_bottleneck_is():
    result = small()
    with open(os.path.join(result, 'summary.json'), 'w', encoding='utf-8') as file:
        file.write('{"scenario": "named", "bottleneck": {"what": "sink: \\"hot\\", always", "why": "no"}, "vertices": [{"what": "x"}]}')
    expect(run(SLUICE, 'plot', '--terminal', 'svg', result), DONE)
    check_svg(os.path.join(result, 'charts', 'overview.svg'), "Bottleneck: sink: 'hot', always", 'named: ')


def test_plots_say_that_there_is_a_deadlock():
    result = small()
    with open(os.path.join(result, 'summary.json'), 'w', encoding='utf-8') as file:
        file.write('{"scenario": "named", "deadlock_found": {"since_s": 0.15670, "subtasks": 2}, "bottleneck": {"what": "map"}}')
    expect(run(SLUICE, 'plot', '--terminal', 'svg', result), DONE)
    check_svg(os.path.join(result, 'charts', 'overview.svg'), 'Deadlock: some subtasks wait since 0.157 s and can never go on')


def test_plots_run_by_hand_on_a_result_folder():
    for way in ['-e', '-c']:
        for chart in CHARTS:
            result = small(f'by hand {way} {chart}')
            script = os.path.join(ROOT, 'plots', chart + '.gp')
            os.makedirs(os.path.join(result, 'charts'))
            ran = run('gnuplot', '-d', '-e', f"dir='{result}'", script) if way == '-e' else run('gnuplot', '-d', '-c', script, result)
            expect(ran, DONE)
            assert ran.stderr == '', ran.stderr
            check_svg(os.path.join(result, 'charts', chart + '.svg'), 'hash-2x4-zipf')


def test_plots_by_hand_without_data_and_program_say_what_to_do():
    result = small()
    ran = run('gnuplot', '-d', '-c', os.path.join(ROOT, 'plots', 'overview.gp'), result, env={'SLUICE': '/nowhere/sluice'})
    assert ran.returncode != 0
    assert 'sluice plot --terminal none' in ran.stderr, ran.stderr


def test_plots_in_the_terminal_stay_within_80_columns():
    result = small()
    ran = run(SLUICE, 'plot', '--terminal', 'dumb', result)
    expect(ran, DONE)
    for word in ['outPoolUsage', 'x back-pressured', 'source 0 → 2', 'share of the records', 'p99']:
        assert word in ran.stdout, word
    for line in ran.stdout.splitlines():
        assert len(line) <= 80, f'{len(line)} columns: {line}'
    assert '\f' not in ran.stdout and '\x1b' not in ran.stdout
    assert not [name for name in os.listdir(os.path.join(result, 'charts')) if name != 'data']


def test_plots_without_gnuplot_exit_1_and_keep_the_data():
    result = small()
    ran = run(SLUICE, 'plot', result, env={'PATH': '/nowhere'})
    expect(ran, SYSTEM)
    assert 'gnuplot not found' in ran.stderr and 'apt install gnuplot-nox' in ran.stderr, ran.stderr
    data = os.path.join(result, 'charts', 'data')
    assert data in ran.stderr, ran.stderr
    assert os.path.getsize(os.path.join(data, 'vertex-1.tsv')) > 100
    assert os.path.getsize(os.path.join(result, 'series.csv')) > 0


def test_plots_tell_a_gnuplot_that_fails():
    fake = os.path.join(SCRATCH, 'bin', 'gnuplot')
    os.makedirs(os.path.dirname(fake))
    for body, words in [('echo "cannot open display" >&2; exit 3', ['status 3', 'cannot open display']),
                        ('kill -9 $$', ['signal 9']), ('exit 0', ['wrote no picture'])]:
        with open(fake, 'w', encoding='utf-8') as file:
            file.write('#!/bin/sh\n' + body + '\n')
        os.chmod(fake, 0o755)
        shutil.rmtree(os.path.join(SCRATCH, 'result'), ignore_errors=True)
        result = small()
        ran = run(SLUICE, 'plot', result, env={'PATH': os.path.dirname(fake) + ':' + os.environ['PATH']})
        expect(ran, SYSTEM)
        for word in words:
            assert word in ran.stderr, ran.stderr
        assert os.listdir(os.path.join(result, 'charts')) == ['data']


def test_plots_take_the_scripts_that_the_environment_names():
    result = small()
    ran = run(SLUICE, 'plot', result, env={'SLUICE_PLOTS': '/nowhere'})
    expect(ran, SYSTEM)
    assert '/nowhere' in ran.stderr and 'SLUICE_PLOTS' in ran.stderr, ran.stderr
    mine = os.path.join(SCRATCH, 'mine')
    shutil.copytree(os.path.join(ROOT, 'plots'), mine)
    with open(os.path.join(mine, 'overview.gp'), encoding='utf-8') as file:
        text = file.read()
    with open(os.path.join(mine, 'overview.gp'), 'w', encoding='utf-8') as file:
        file.write(text.replace('simulated time', 'my own time'))
    expect(run(SLUICE, 'plot', '--terminal', 'svg', result, env={'SLUICE_PLOTS': mine}), DONE)
    check_svg(os.path.join(result, 'charts', 'overview.svg'), 'my own time')


def test_plots_take_any_path():
    for name in ["it's a \"result\"", '$HOME `id` %d', '<pipe', '-e', 'naïve', "'"]:
        result = small(name)
        expect(run(SLUICE, 'plot', '--terminal', 'png', '--', name), DONE)
        for chart in CHARTS:
            check_png(os.path.join(result, 'charts', chart + '.png'))


def test_plots_show_names_of_any_kind():
    result = small()
    name = '#a_{b}^2, "c" <&> `id` %s'
    for file_name in ['series.csv', 'channels.csv', 'latency.csv']:
        path = os.path.join(result, file_name)
        with open(path, encoding='utf-8') as file:
            text = file.read()
        with open(path, 'w', encoding='utf-8') as file:
            file.write(re.sub(r'(^|,)sink,', lambda m: m.group(1) + '"' + name.replace('"', '""') + '",', text, flags=re.M))
    ran = run(SLUICE, 'plot', result)
    expect(ran, DONE)
    assert 'gnuplot' not in ran.stderr, ran.stderr
    for chart in CHARTS:
        check_svg(os.path.join(result, 'charts', chart + '.svg'), '#a_{b}^2, ')


def test_plots_draw_results_with_hardly_anything_in_them():
    for number, rows in enumerate(['0,a,0,foo,1', '0,a,0,numRecordsIn,1', '0,a,0,outPoolUsage,0\n0,a,0,busy.exact,0',
                                   '0,a,0,outPool.used,0\n0,tm0,0,UsedMemorySegments,0', '0,tm0,0,UsedMemorySegments,0',
                                   '0,a,0,inPoolUsage,1e300\n5,a,0,inPool.requested,0\n5,a,0,outPool.used,1e9']):
        result = os.path.join(SCRATCH, f'result-{number}')
        os.makedirs(result)
        with open(os.path.join(result, 'series.csv'), 'w', encoding='utf-8') as file:
            file.write('t_s,vertex,subtask,metric,value\n' + rows + '\n')
        with open(os.path.join(result, 'channels.csv'), 'w', encoding='utf-8') as file:
            file.write('t_s,vertex,subtask,side,edge,channel,queued\n0,a,0,in,0,0,0\n')
        with open(os.path.join(result, 'latency.csv'), 'w', encoding='utf-8') as file:
            file.write('vertex,subtask,low_ms,high_ms,count\na,0,0,0,1\n')
        ran = run(SLUICE, 'plot', '--terminal', 'svg', '--terminal', 'dumb', result)
        expect(ran, DONE)
        assert 'gnuplot' not in ran.stderr, f'{rows!r}: {ran.stderr}'


def test_plots_leave_out_what_has_no_data():
    result = small()
    os.remove(os.path.join(result, 'channels.csv'))
    os.remove(os.path.join(result, 'latency.csv'))
    os.remove(os.path.join(result, 'summary.json'))
    ran = run(SLUICE, 'plot', '--terminal', 'svg', result)
    expect(ran, DONE)
    assert 'no channels chart' in ran.stderr and 'no latency chart' in ran.stderr, ran.stderr
    assert sorted(os.listdir(os.path.join(result, 'charts'))) == ['buffers.svg', 'data', 'overview.svg', 'usages.svg']
    check_svg(os.path.join(result, 'charts', 'overview.svg'), 'result: ')


def test_plots_of_several_results_go_where_they_are_told():
    small('one')
    small('two')
    expect(run(SLUICE, 'plot', '--terminal', 'svg', '-o', 'out/here', 'one', 'two/'), DONE)
    for name in ['one', 'two']:
        check_svg(os.path.join(SCRATCH, 'out', 'here', name, 'overview.svg'))
        assert sorted(os.listdir(os.path.join(SCRATCH, name))) == sorted(os.listdir(SMALL))


def test_plots_of_no_result_fail_in_words():
    ran = run(SLUICE, 'plot', 'nowhere')
    expect(ran, INPUT)
    assert 'nowhere' in ran.stderr
    empty = os.path.join(SCRATCH, 'empty')
    os.makedirs(empty)
    ran = run(SLUICE, 'plot', 'empty')
    expect(ran, INPUT)
    assert 'series.csv' in ran.stderr and os.listdir(empty) == [], ran.stderr


def test_plots_tell_the_line_of_a_malformed_file():
    cases = [('series.csv', 1, 't,v\n', 'expected the header'), ('series.csv', 5, '0.01,source,0,outPoolUsage\n', '4 fields'),
             ('series.csv', 9, '0.01,source,0,outPoolUsage,full\n', "a number in field 5, found 'full'"),
             ('series.csv', 9, '0.01,source,-1,outPoolUsage,1\n', 'a whole number'),
             ('series.csv', 9, '0.01,source,99999999999,outPoolUsage,1\n', 'a whole number up to'),
             ('series.csv', 9, '0.01,source,0,outPoolUsage,nan\n', 'a number'),
             ('series.csv', 9, '0.01,source,0,outPoolUsage,1e999\n', 'expected'),
             ('series.csv', 60, '0.001,source,0,outPoolUsage,1\n', 'time goes back'),
             ('series.csv', 9, '0.01,"source,0,outPoolUsage,1\n', 'quoted'), ('series.csv', 9, 'x' * 9000 + '\n', 'too long'),
             ('series.csv', 9, '0.01,source\0,0,outPoolUsage,1\n', 'zero byte'),
             ('channels.csv', 3, '0,sink,0,up,0,0,1\n', "'in' or 'out'"), ('latency.csv', 2, 'sink,all,9,8,1\n', 'expected 9 to'),
             ('latency.csv', 2, 'sink,all,1,2', 'fields')]
    for number, (name, line, text, words) in enumerate(cases):
        result = small(f'result-{number}')
        path = os.path.join(result, name)
        with open(path, encoding='utf-8') as file:
            lines = file.readlines()
        lines[line - 1] = text
        with open(path, 'w', encoding='utf-8') as file:
            file.writelines(lines)
        ran = run(SLUICE, 'plot', '--terminal', 'none', result)
        expect(ran, INPUT)
        assert f'{name}:{line}' in ran.stderr and words in ran.stderr, f'{text!r}: {ran.stderr}'


def test_plots_survive_damaged_files():
    chance = random.Random(7)
    result = small()
    originals = {}
    for name in os.listdir(SMALL):
        with open(os.path.join(SMALL, name), 'rb') as file:
            originals[name] = file.read()
    for _ in range(150):
        name = chance.choice(sorted(originals))
        data = bytearray(originals[name])
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(data))
            data[at:at + chance.choice([0, 1, 1, 40])] = chance.choice([b'', b',', b'\n', b'"', b'\0', b'\xff', b'9' * 30, b'-', b'1e308'])
        with open(os.path.join(result, name), 'wb') as file:
            file.write(data[:chance.choice([len(data), chance.randrange(1, len(data))])])
        ran = run(SLUICE, 'plot', '--terminal', 'none', result)
        assert ran.returncode in (DONE, INPUT), f'exit status {ran.returncode}: {ran.stderr}'
        with open(os.path.join(result, name), 'wb') as file:
            file.write(originals[name])


def main():
    global SCRATCH
    tests = [(name, function) for name, function in globals().items() if name.startswith('test_')]
    failures = 0
    for number, (name, function) in enumerate(tests, 1):
        with tempfile.TemporaryDirectory() as SCRATCH:
            try:
                function()
                print(f'ok {number} - {name}')
            except (AssertionError, OSError, UnicodeError, subprocess.TimeoutExpired, xml.etree.ElementTree.ParseError) as error:
                failures += 1
                print(f'not ok {number} - {name}')
                for line in str(error).splitlines()[:12]:
                    print(f'#   {line}')
    sys.exit(1 if failures else 0)


main()
