"""What holds over the whole tree: layers, names, sizes, cited rules. Prints one "ok" or "not ok" line a check.

usage: layering.py ROOT COMPILER...

Each folder may include those above it. A check collects what
breaks it and prints every place.
"""
import os
import re
import subprocess
import sys

from support.checks import run_checks

# Which folders the files of a folder may include. Of studies/, plots/ may know the headers of the results alone: that of a
# run and that of a validation.
ALLOWED = {
    'sim': ['sim/'],
    'models': ['sim/', 'models/'],
    'scenarios': ['sim/', 'models/', 'scenarios/'],
    'studies': ['sim/', 'models/', 'scenarios/', 'studies/'],
    'plots': ['sim/', 'plots/', 'studies/result.h', 'studies/validate.h'],
    'cli': ['sim/', 'models/', 'scenarios/', 'studies/', 'plots/', 'cli/'],
    'tests': ['sim/', 'models/', 'scenarios/', 'studies/', 'plots/', 'cli/', 'tests/'],
    'bench': ['sim/', 'models/', 'scenarios/', 'studies/', 'plots/', 'cli/', 'bench/'],
}
# Which folders may use a library's header.
LIBRARIES = {
    'gsl/': ['sim', 'studies', 'cli', 'tests', 'bench'],
    'libfyaml.h': ['scenarios', 'tests'],
    'cmocka.h': ['tests'],
    'pthread.h': ['studies', 'cli', 'tests', 'bench'],
}
PREFIX = {'sim': 'sim', 'models': 'net', 'scenarios': 'scn', 'studies': 'study', 'plots': 'plt', 'cli': 'cli'}
FUNCTION_LINES = 60
FILE_LINES = 800
TEXT = ('.c', '.h', '.py', '.sh', '.md', '.yaml', '.gp', '.build', '.txt', '.run')


def files(root):
    """Path and text of every text file of the tree, in order; build folders and results left out."""
    found = []
    for folder, names, leaves in os.walk(root):
        below = os.path.relpath(folder, root)
        names[:] = sorted(n for n in names if not (below == '.' and (n.startswith('build') or n == 'results'))
                          and n not in ('.git', '__pycache__', '.cache'))
        for leaf in sorted(leaves):
            path = os.path.normpath(os.path.join(below, leaf))
            if leaf.endswith(TEXT) or path == os.path.join('.ci', 'run'):
                with open(os.path.join(root, path), encoding='utf-8') as file:
                    found.append((path, file.read()))
    return found


def layer_of(path):
    return path.split(os.sep)[0]


def sources(tree):
    return [(path, text) for path, text in tree if path.endswith(('.c', '.h'))]


def include_edges(tree):
    """#include edges that the table of layers does not allow"""
    bad = []
    for path, text in sources(tree):
        for number, line in enumerate(text.splitlines(), 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if not match:
                continue
            kind, name = match.groups()
            layer = layer_of(path)
            allowed = (any(name.startswith(a) for a in ALLOWED[layer]) if kind == '"' else
                       all(layer in layers for library, layers in LIBRARIES.items() if name.startswith(library)))
            if not allowed:
                bad.append(f'{path}:{number}: {layer}/ may not include {name}')
    return bad


def headers_compile(tree, root, compiler):
    """headers that do not compile on their own (those of the tests: after cmocka's)"""
    cmocka = [word for name in ('stdarg', 'stddef', 'setjmp', 'stdint', 'cmocka') for word in ('-include', name + '.h')]
    bad = []
    for path, _ in tree:
        if path.endswith('.h'):
            flags = ['-std=c11', '-D_POSIX_C_SOURCE=200809L', '-I', root, '-fsyntax-only', '-Wall', '-Wextra', '-Werror']
            flags += ['-Wno-unused-' + what for what in ('parameter', 'function', 'const-variable')]
            flags += cmocka if layer_of(path) == 'tests' else []
            run = subprocess.run(compiler + flags + ['-x', 'c', os.path.join(root, path)],
                                 capture_output=True, text=True, check=False)
            if run.returncode != 0:
                errors = [line for line in run.stderr.splitlines() if 'error' in line]
                bad.append(f'{path}: {(errors or ["the compiler failed"])[0]}')
    return bad


def include_guards(tree):
    """headers whose guard is not made of folder and name: SIM_QUEUE_H, TESTS_SUPPORT_NEAR_H or TESTS_NEAR_H"""
    bad = []
    for path, text in tree:
        if path.endswith('.h'):
            short = layer_of(path).upper() + '_' + os.path.basename(path)[:-2].upper() + '_H'
            full = path[:-2].replace(os.sep, '_').upper() + '_H'
            if not any(text.startswith(f'#ifndef {guard}\n#define {guard}\n') for guard in (short, full)):
                bad.append(f'{path}: expected the guard {full}')
    return bad


def without_comments(text):
    return re.sub(r'/\*.*?\*/', lambda m: '\n' * m.group().count('\n'), text, flags=re.DOTALL)


def declared_names(text):
    """Functions, tagged types and macros that a header declares at file scope: (line, name)."""
    text = without_comments(text)
    for number, line in enumerate(text.splitlines(), 1):
        macro = re.match(r'#define (\w+)', line)
        tagged = re.match(r'(?:struct|enum|union) (\w+) \{', line)
        function = re.match(r'(?!typedef|static|return|#)(?:[\w*]+[\s*]+)+?\**(\w+)\(', line)
        if macro:
            if not macro.group(1).endswith('_H'):
                yield number, macro.group(1)
        elif tagged:
            yield number, tagged.group(1)
        elif function and not line.startswith((' ', 'SIM_PRINTF')):
            yield number, function.group(1)


def is_internal(path, text):
    """Does the header say that it is "Internal to sim/", or whichever folder it is in?"""
    return path.endswith('.h') and f'Internal to {layer_of(path)}/' in ' '.join(text[:1500].replace('*', ' ').split())


def internal_headers(tree):
    """internal headers included from another folder"""
    internal = {path for path, text in tree if is_internal(path, text)}
    return [f'{path}: {name} is internal to {layer_of(name)}/' for path, text in sources(tree)
            for name in re.findall(r'#include "([^"]+)"', text)
            if name in internal and layer_of(path) not in (layer_of(name), 'tests')]


def names_by_layer(tree):
    """public names without the prefix of their layer"""
    bad = []
    for path, text in tree:
        prefix = PREFIX.get(layer_of(path))
        if path.endswith('.h') and prefix and not is_internal(path, text):
            bad += [f'{path}:{number}: {name} should begin with {prefix}_'
                    for number, name in declared_names(text) if not (name.lower() + '_').startswith(prefix + '_')]
    return bad


def function_lengths(tree):
    """functions that are too long"""
    bad = []
    for path, text in sources(tree):
        start = 0
        for number, line in enumerate(text.splitlines(), 1):
            if line.startswith('{'):
                start = number
            elif line.startswith('}') and start:
                if number - start > FUNCTION_LINES:
                    bad.append(f'{path}:{start}: a function of {number - start} lines, limit {FUNCTION_LINES}')
                start = 0
    return bad


def file_lengths(tree):
    """files that are too long"""
    return [f'{path}: {len(text.splitlines())} lines, limit {FILE_LINES}'
            for path, text in sources(tree) if len(text.splitlines()) > FILE_LINES]


def unfinished(tree):
    """words that mark unfinished code"""
    words = re.compile(r'\b(TO' r'DO|FIX' r'ME|XX' r'X|HA' r'CK)\b')
    return [f'{path}:{number}: {line.strip()}' for path, text in tree if not path.endswith('.md')
            for number, line in enumerate(text.splitlines(), 1) if words.search(line)]


def foreign_paths(tree):
    """paths that only one machine has"""
    marks = ['/ho' 'me/', '/ro' 'ot/', '/wo' 'rk/', '../sha' 'red']
    return [f'{path}:{number}: {line.strip()}' for path, text in tree
            for number, line in enumerate(text.splitlines(), 1) if any(mark in line for mark in marks)]


def cited_rules(tree):
    """cited rules that docs/rules.md does not have"""
    rules = dict(tree)[os.path.join('docs', 'rules.md')]
    known = set(re.findall(r'^(?:\*\*|\| )([A-Z]{2,4}-\d+)\b', rules, re.MULTILINE))
    families = '|'.join(sorted({rule.split('-')[0] for rule in known}))
    cited = re.compile(rf'\b(?:{families})-\d+\b')
    return [f'{path}:{number}: {rule} is not in docs/rules.md' for path, text in tree
            for number, line in enumerate(text.splitlines(), 1) for rule in cited.findall(line) if rule not in known]


def listed_metrics(tree):
    """metrics that docs/metrics.md does not list"""
    listed = dict(tree)[os.path.join('docs', 'metrics.md')]
    recorded = dict(tree)[os.path.join('models', 'world_record.c')]
    names = re.findall(r'(?:^\s*\{|= )"([A-Za-z][A-Za-z0-9.]+)",', recorded, re.MULTILINE)
    if len(names) < 20:
        return ['models/world_record.c: its table of metrics was not found']
    return [f'models/world_record.c: {name} is not in docs/metrics.md' for name in names if f'`{name}`' not in listed]


def listed_scenarios(tree):
    """scenarios that README.md does not list, or that do not begin with a comment"""
    readme = dict(tree)['README.md']
    scenarios = [(path, text) for path, text in tree if re.fullmatch(r'scenarios/[^/]+\.yaml', path)]
    return ([f'{path} is not in README.md' for path, _ in scenarios if f'({path})' not in readme] +
            [f'{path} does not say what to look at' for path, text in scenarios if not text.startswith('# ')] or
            ([] if len(scenarios) >= 7 else ['scenarios/ is nearly empty']))


def dead_links(tree, root):
    """links in the documentation that lead nowhere, in text or in --help"""
    bad = []
    for path, text in tree:
        if path.endswith('.md'):
            for target in re.findall(r'\]\(([^)#\s]+)(?:#[^)]*)?\)', text):
                if '://' not in target and not os.path.exists(os.path.join(root, os.path.dirname(path), target)):
                    bad.append(f'{path}: {target}')
        elif layer_of(path) in PREFIX:
            bad += [f'{path}: {target}' for target in re.findall(r'\bdocs/[a-z-]+\.md', text)
                    if not os.path.exists(os.path.join(root, target))]
    return bad


def main():
    root, compiler = sys.argv[1], sys.argv[2:]
    tree = files(root)
    checks = [include_edges, internal_headers, include_guards, names_by_layer, function_lengths, file_lengths, unfinished, foreign_paths,
              cited_rules, listed_metrics, listed_scenarios]
    run_checks([(check, (tree,)) for check in checks] + [(dead_links, (tree, root)), (headers_compile, (tree, root, compiler))])


main()
