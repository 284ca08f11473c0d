"""The documents hold together: links lead somewhere, and the commands shown know the options that they are shown
with. Prints one "ok" or "not ok" line a test.

usage: documents.py SLUICE ROOT
"""
import glob
import os
import re
import subprocess
import sys

SLUICE, ROOT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
FOLDERS = ['sim', 'models', 'scenarios', 'studies', 'plots', 'cli', 'tests', 'bench']


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def documents():
    return sorted(glob.glob(f'{ROOT}/*.md') + glob.glob(f'{ROOT}/docs/*.md') + glob.glob(f'{ROOT}/tests/**/*.md', recursive=True))


def anchors(path):
    """What the headings of a page can be linked as."""
    words = [re.sub(r'[^\w\- ]', '', heading) for heading in re.findall(r'^#+ (.*)$', read(path), re.MULTILINE)]
    return {heading.strip().lower().replace(' ', '-') for heading in words}


def test_links_lead_somewhere():
    broken = []
    for page in documents():
        for link in re.findall(r'\]\(([^)\s]+)\)', read(page)):
            name, _, anchor = link.partition('#')
            target = os.path.normpath(os.path.join(os.path.dirname(page), name)) if name else page
            if not link.startswith('http') and (
                    not os.path.exists(target) or anchor and anchor not in anchors(target)):
                broken.append(f'{os.path.relpath(page, ROOT)}: {link}')
    assert not broken, broken


def test_pages_that_the_program_names_exist():
    sources = [path for folder in FOLDERS for kind in ('c', 'h', 'yaml', 'py', 'sh')
               for path in glob.glob(f'{ROOT}/{folder}/**/*.{kind}', recursive=True)]
    missing = [f'{os.path.relpath(path, ROOT)}: {name}' for path in sources
               for name in re.findall(r'\bdocs/[\w-]+\.(?:md|json)\b', read(path))
               if not os.path.exists(os.path.join(ROOT, name))]
    assert len(sources) > 100 and not missing, missing


def help_of(verb):
    return subprocess.run([SLUICE, verb, '--help'], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=True).stdout


def test_commands_have_the_options_that_they_are_shown_with():
    helps, unknown, seen = {}, [], 0
    for page in documents():
        text = re.sub(r'\\\n\s*', ' ', read(page))
        for verb, rest in re.findall(r'\bsluice (run|compare|check|plot|size|replay|validate|calibrate)\b([^`\n#|]*)', text):
            helps.setdefault(verb, help_of(verb))
            for option in re.findall(r'(?<=\s)--?[a-zA-Z][\w-]*', rest):
                seen += 1
                if not re.search(rf'(?<![\w-]){re.escape(option)}(?![\w-])', helps[verb]):
                    unknown.append(f'{os.path.relpath(page, ROOT)}: sluice {verb} {option}')
    assert seen > 20 and not unknown, unknown


def main():
    failures = 0
    tests = [(name, run) for name, run in sorted(globals().items()) if name.startswith('test_')]
    print(f'1..{len(tests)}')
    for number, (name, run) in enumerate(tests, 1):
        try:
            run()
            print(f'ok {number} - {name}')
        except AssertionError as error:
            failures += 1
            print(f'not ok {number} - {name}\n# {error}')
    return min(failures, 1)


sys.exit(main())
