import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isProblem } from '../../../src/problem.ts';
import { readInputs } from '../../../src/settings/inputs.ts';
import { MERGE_TABLE } from '../../../src/settings/mergeTable.ts';
import { resolveSettings } from '../../../src/settings/resolve.ts';
import { RESTORE_TABLE } from '../../../src/settings/restoreTable.ts';
import { namesOf } from '../../../src/settings/row.ts';
import {
  describeSetting,
  readRunSettings,
  readSettings,
  settingsInWords,
} from '../../../src/settings/settings.ts';
import { TABLE } from '../../../src/settings/table.ts';
import { temporaryFolder } from '../../support/tmp.ts';

function project(toml: string): string {
  const folder = temporaryFolder('settings');
  writeFileSync(join(folder, 'pyproject.toml'), toml);
  return folder;
}

function inputs(given: Readonly<Record<string, string>>) {
  const variables = Object.entries(given).map(([name, text]) => [`INPUT_${name.toUpperCase()}`, text]);
  return readInputs(TABLE, Object.fromEntries(variables));
}

/** The settings of a project whose `[tool.exitproof]` holds `toml`. */
function fromToml(toml: string) {
  return readSettings(new Map(), project(`[tool.exitproof]\n${toml}\n`));
}

/** The sentence and the hint of a refusal. */
async function refusalOf(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (!isProblem(error)) throw error;
    expect(error.kind).toBe('settings');
    return error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
  }
  throw new Error('nothing was refused');
}

describe('settings', () => {
  test('need nothing to be set', async () => {
    const folder = temporaryFolder('settings');
    const settings = await readSettings(new Map(), folder);
    expect(settings).toMatchObject({
      project: folder,
      requirement: [],
      requirements: null,
      entryPoint: null,
      builder: 'pex',
      layouts: ['venv'],
      deadlines: { startup: 60_000, run: 60_000, teardown: 10_000, drain: 5_000, grace: 2_000 },
      onStall: 'fail',
      cache: 'auto',
      archive: 'none',
      output: join(folder, '.exitproof', 'out'),
      observer: 'auto',
      json: false,
    });
    expect(settings.smoke).toEqual([
      {
        name: '--help',
        args: ['--help'],
        exitCode: 0,
        stdin: { kind: 'empty' },
        env: {},
        cwd: null,
        runTimeout: 60_000,
        expectOutput: null,
      },
    ]);
  });

  test('take the input before pyproject.toml, and that before the default, and know which it was', async () => {
    const folder = project('[tool.exitproof]\nrun-timeout = "7s"\ndrain-timeout = "8s"\n');
    const settings = await readSettings(inputs({ 'run-timeout': '6s' }), folder);
    expect(settings.deadlines).toMatchObject({ run: 6_000, drain: 8_000, teardown: 10_000 });
    expect(describeSetting(settings, 'run-timeout')).toBe("6s, from the action's inputs");
    expect(describeSetting(settings, 'drain-timeout')).toBe('8s, from pyproject.toml');
    expect(describeSetting(settings, 'teardown-timeout')).toBe('10s, by default');
    expect(describeSetting(settings, 'requirements')).toBe('found, by default');
    expect(settingsInWords(settings)).toEqual([
      "run-timeout: 6s, from the action's inputs",
      'drain-timeout: 8s, from pyproject.toml',
    ]);
  });

  test('can not be changed once they are read', async () => {
    expect(Object.isFrozen(await fromToml(''))).toBe(true);
  });

  test('trim inputs and take an empty one for not set', async () => {
    const settings = await readSettings(
      inputs({ 'run-timeout': ' 5s\n', cache: '', 'entry-point': '  ' }),
      temporaryFolder('settings'),
    );
    expect(settings).toMatchObject({ runTimeout: 5_000, cache: 'auto', entryPoint: null });
  });

  test('split lines, lists and arguments each in its own way', async () => {
    const settings = await readSettings(
      inputs({
        smoke: '--help\r\n\n  greet "a b" $HOME  \n',
        requirement: 'httpie >= 3, < 4\nrich',
        extras: 'cli, server\nall',
        layouts: 'zipapp,venv',
        'builder-args': "--foo 'a b'",
      }),
      temporaryFolder('settings'),
    );
    expect(settings.smoke.map(({ args }) => args)).toEqual([['--help'], ['greet', 'a b', '$HOME']]);
    expect(settings.smoke[1]?.name).toBe("greet 'a b' '$HOME'");
    expect(settings).toMatchObject({
      requirement: ['httpie >= 3, < 4', 'rich'],
      extras: ['cli', 'server', 'all'],
      layouts: ['zipapp', 'venv'],
      builderArgs: ['--foo', 'a b'],
    });
  });

  test('take a soak as a count, a duration or a percentage', async () => {
    const read = async (text: string) =>
      (await readSettings(inputs({ soak: text }), temporaryFolder('settings'))).soak;
    expect(await read('200')).toEqual({ kind: 'runs', runs: 200 });
    expect(await read('10m')).toEqual({ kind: 'time', milliseconds: 600_000 });
    expect(await read('0.1%')).toEqual({ kind: 'share', share: 0.001 });
    expect((await fromToml('soak = 50')).soak).toEqual({ kind: 'runs', runs: 50 });
    expect((await fromToml('soak = "1%"')).shown.soak).toBe('1%');
    expect(await readSettings(inputs({ shard: '2/3', concurrency: '4' }), '/')).toMatchObject({
      shard: { index: 2, of: 3 },
      concurrency: 4,
    });
  });

  test('start relative paths where the reference says', async () => {
    const cwd = temporaryFolder('settings');
    const folder = join(cwd, 'app');
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'pyproject.toml'),
      '[tool.exitproof]\nexecutable = "a/b"\noutput = "out"\nstdin = "file:in.txt"\npython = "./py"\n',
    );
    const given = inputs({ project: 'app', requirements: 'locks/r.txt' });
    expect(await readSettings(given, cwd)).toMatchObject({
      project: folder,
      requirements: join(folder, 'locks', 'r.txt'),
      executable: join(folder, 'a', 'b'),
      python: join(folder, 'py'),
      output: join(cwd, 'out'),
      stdin: { kind: 'file', path: join(folder, 'in.txt') },
    });
    expect(
      await readSettings(inputs({ project: 'app', executable: 'x', python: '3.12' }), cwd),
    ).toMatchObject({
      executable: join(cwd, 'x'),
      python: '3.12',
    });
  });

  test('take smoke runs as tables, which fall back to the settings of the whole', async () => {
    const settings = await fromToml(`
exit-code = 1
env = { A = "1", B = "1" }
expect-output = "^done$"
run-timeout = "9s"
[[tool.exitproof.smoke]]
args = "--version"
[[tool.exitproof.smoke]]
name = "a job"
args = ["convert", "a b"]
exit-code = 3
stdin = "text:1;2"
env = { B = "2" }
cwd = "data"
run-timeout = "20s"
expect-output = "x"
`);
    expect(settings.smoke).toEqual([
      {
        name: '--version',
        args: ['--version'],
        exitCode: 1,
        stdin: { kind: 'empty' },
        env: { A: '1', B: '1' },
        cwd: null,
        runTimeout: 9_000,
        expectOutput: /^done$/m,
      },
      {
        name: 'a job',
        args: ['convert', 'a b'],
        exitCode: 3,
        stdin: { kind: 'text', text: '1;2' },
        env: { A: '1', B: '2' },
        cwd: join(settings.project, 'data'),
        runTimeout: 20_000,
        expectOutput: /x/m,
      },
    ]);
  });

  test('of run read no pyproject.toml', () => {
    const folder = project('this is no TOML');
    expect(readRunSettings(['true'], new Map(), folder)).toMatchObject({
      argv: ['true'],
      deadlines: { teardown: 10_000 },
      observer: 'auto',
    });
  });

  test('show no value of a variable, which may be a secret', async () => {
    const settings = await fromToml('env = { TOKEN = "hunter2" }');
    expect(settingsInWords(settings)).toEqual(['env: TOKEN, from pyproject.toml']);
  });

  test('have defaults that are right in their own eyes', () => {
    const folders = { cwd: '/', project: '/' };
    for (const table of [TABLE, RESTORE_TABLE, MERGE_TABLE]) {
      const { sources } = resolveSettings(table, [], folders);
      expect(Object.keys(sources)).toEqual([...namesOf(table)]);
    }
  });
});

describe('a bad value in an input', () => {
  test.each([
    ['teardown-timeout', '10', 'got “10”, takes a duration such as 10s, 1m30s or 500ms'],
    ['run-timeout', '0s', 'got “0s”, takes a duration above zero, such as 10s'],
    ['run-timeout', '999h', 'got “999h”, takes a duration of at most 24h'],
    ['cache', 'true', 'got “true”, takes auto, on, read or off'],
    ['cache', 'On', 'got “On”, takes auto, on, read or off'],
    ['archive', 'rar', 'got “rar”, takes none, tar, tar.gz or zip'],
    ['on-stall', 'ignore', 'got “ignore”, takes fail, warn or use-venv'],
    ['builder', 'shivv', 'got “shivv”, takes pex, shiv, zipapp or pyinstaller'],
    ['builder-version', '>=2.1', 'got “>=2.1”, takes one exact version such as 2.58.0'],
    ['layouts', 'venv,zip', 'got “zip”, takes a list of venv, zipapp, onedir or onefile'],
    ['layouts', 'venv venv', 'got “venv”, takes each name once'],
    [
      'smoke',
      '--help\n"open',
      'got “"open”, takes arguments as a shell splits them, with every quote closed',
    ],
    ['python', 'three', 'got “three”, takes a version such as 3.12, or a path such as .venv/bin/python'],
    [
      'python',
      '3.1',
      'got “3.1”, takes a version from 3.8, or a path (YAML reads 3.10 as the number 3.1: write it in quotes)',
    ],
    [
      'requirement',
      '--index-url=x',
      'got “--index-url=x”, takes requirements such as httpie or httpie==3.2.4, one a line',
    ],
    ['project', 'nowhere', 'got “nowhere”, takes a folder that exists'],
    [
      'soak',
      'often',
      'got “often”, takes a count of runs such as 200, a duration such as 10m, or a percentage such as 1%',
    ],
    ['soak', '-5', 'got “-5”, takes a whole number of runs from 1 to 1000000'],
    ['soak', '0', 'got “0”, takes a whole number of runs from 1 to 1000000'],
    ['soak', '1.5', 'got “1.5”, takes a whole number of runs from 1 to 1000000'],
    ['soak', '99999999999999999999', /takes a whole number of runs from 1 to 1000000$/],
    ['soak', '0%', 'got “0%”, takes a percentage from 0.001% to 50%'],
    ['soak', '-1%', 'got “-1%”, takes a percentage from 0.001% to 50%'],
    ['soak', '100%', 'got “100%”, takes a percentage from 0.001% to 50%'],
    ['soak', '0m', 'got “0m”, takes a duration above zero, such as 10s'],
    ['soak', '-10m', 'got “-10m”, takes a duration above zero, such as 10s'],
    ['soak', '1000h', 'got “1000h”, takes a duration of at most 24h'],
    ['concurrency', '0', 'got “0”, takes a whole number from 1 to 256'],
    ['concurrency', '-1', 'got “-1”, takes a whole number from 1 to 256'],
    ['concurrency', 'all', 'got “all”, takes a whole number from 1 to 256'],
    ['shard', '0/3', 'got “0/3”, takes i/n such as 2/3, with i from 1 to n and n at most 256'],
    ['shard', '4/3', 'got “4/3”, takes i/n such as 2/3, with i from 1 to n and n at most 256'],
    ['shard', '2', 'got “2”, takes i/n such as 2/3, with i from 1 to n and n at most 256'],
    ['shard', '1/999', 'got “1/999”, takes i/n such as 2/3, with i from 1 to n and n at most 256'],
  ])('%s: %s is refused in one sentence', async (name, text, sentence) => {
    const cwd = temporaryFolder('settings');
    const said = await refusalOf(() => readSettings(inputs({ [name]: text }), cwd));
    if (typeof sentence === 'string') expect(said).toBe(`input ${name}: ${sentence}`);
    else expect(said).toMatch(sentence);
  });

  test('that is a boolean is refused unless it is one of YAML 1.2', async () => {
    const read = (text: string) =>
      resolveSettings(RESTORE_TABLE, [readInputs(RESTORE_TABLE, { 'INPUT_ADD-TO-PATH': text })], {
        cwd: '/',
        project: '/',
      }).values.addToPath;
    expect(['true', 'True', 'TRUE'].map(read)).toEqual([true, true, true]);
    expect(['false', 'False', 'FALSE', ''].map(read)).toEqual([false, false, false, false]);
    for (const text of ['yes', '1', 'on', 'tRUE', 'tru']) {
      expect(await refusalOf(() => read(text))).toBe(`input add-to-path: got “${text}”, takes true or false`);
    }
  });

  test('that no input has is refused, with the nearest that there is', async () => {
    expect(await refusalOf(() => inputs({ 'teardown-timeot': '5s' }))).toBe(
      'input teardown-timeot: exitproof has no such input, did you mean teardown-timeout?',
    );
    expect(await refusalOf(() => inputs({ run_timeout: '5s' }))).toBe(
      'input run_timeout: exitproof has no such input, did you mean run-timeout?',
    );
    expect(await refusalOf(() => inputs({ bogus: '1' }))).toMatch(
      /^input bogus: exitproof has no such input \(the inputs are project, requirement, /,
    );
  });

  test('that may stand elsewhere only is refused', async () => {
    expect(await refusalOf(() => inputs({ report: 'x.json' }))).toMatch(
      /^input report: exitproof has no such input/,
    );
  });

  test('is not seen in variables that are no inputs', () => {
    const env = { INPUT_METHOD: 'ibus', INPUTRC: '/etc/inputrc', INPUT_: '', INPUT_OLD: '' };
    expect(readInputs(TABLE, env).size).toBe(0);
  });
});

describe('a bad value in pyproject.toml', () => {
  test.each([
    ['run-timeout = 10', 'run-timeout: got 10, takes a duration such as 10s, 1m30s or 500ms'],
    ['python = 3.12', 'python: got 3.12, takes a version such as 3.12, or a path such as .venv/bin/python'],
    ['run-timout = "5s"', 'run-timout: no such setting, did you mean run-timeout?'],
    ['report = "x"', "report: can't stand here, only on the command line (--report)"],
    ['project = "x"', "project: can't stand here, only on the command line (check DIR)"],
    ['exit-code = 256', 'exit-code: got 256, takes a whole number from 0 to 255'],
    ['exit-code = "0"', 'exit-code: got “0”, takes a whole number from 0 to 255'],
    [
      'expect-output = "("',
      /^expect-output: got “\(”, takes a regular expression, and this is none \(Unterminated/,
    ],
    ['stdin = "closed"', 'stdin: got “closed”, takes empty, open, file:PATH or text:…'],
    ['env = { PORT = 80 }', 'env.PORT: got 80, takes a text in quotes'],
    ['env = "A=1"', 'env: got “A=1”, takes a table of texts such as { TZ = "UTC" }'],
    ['layouts = []', 'layouts: got a list, takes a list of venv, zipapp, onedir or onefile'],
    ['smoke = []', 'smoke: got a list, takes at least one run'],
    ['smoke = [1]', 'smoke[1]: got 1, takes a text of arguments or a table'],
    ['observer = "spy"', 'observer: got “spy”, takes auto, probe, sampler or none'],
    ['cache-suffix = "a b"', 'cache-suffix: got “a b”, takes letters, digits, dots and dashes'],
    ['soak = -3', 'soak: got -3, takes a whole number of runs from 1 to 1000000'],
    ['soak = 2.5', 'soak: got 2.5, takes a whole number of runs from 1 to 1000000'],
    ['concurrency = "2"', 'concurrency: got “2”, takes a whole number from 1 to 256'],
    ['shard = "1/2"', "shard: can't stand here, only on the command line (--shard)"],
    ['grace = "0s"', 'grace: got “0s”, takes a duration above zero, such as 10s'],
    [
      '[[tool.exitproof.smoke]]\nargs = "a"\n[[tool.exitproof.smoke]]\nrun-timeout = 5',
      'smoke[2].run-timeout: got 5, takes a duration such as 10s, 1m30s or 500ms',
    ],
    [
      '[[tool.exitproof.smoke]]\nargv = "a"',
      'smoke[1]: got “argv”, takes the keys name, args, exit-code, stdin, env, cwd, run-timeout, expect-output; did you mean args?',
    ],
    [
      '[[tool.exitproof.smoke]]\nzzzzzz = 1',
      /^smoke\[1\]: got “zzzzzz”, takes the keys name, .*, expect-output$/,
    ],
    ['[[tool.exitproof.smoke]]\nargs = 1', /^smoke\[1\]\.args: got 1, takes a list of texts/],
    ['[[tool.exitproof.smoke]]\nargs = ["a", 1]', /^smoke\[1\]\.args\[2\]: got 1, takes a text in quotes$/],
  ])('%s is refused in one sentence', async (toml, sentence) => {
    const said = await refusalOf(() => fromToml(toml));
    expect(said).toMatch(/^pyproject\.toml: tool\.exitproof\./);
    const rest = said.replace('pyproject.toml: tool.exitproof.', '');
    if (typeof sentence === 'string') expect(rest).toBe(sentence);
    else expect(rest).toMatch(sentence);
  });

  test('is refused also where an input hides it', async () => {
    const folder = project('[tool.exitproof]\nrun-timeout = "soon"\n');
    expect(await refusalOf(() => readSettings(inputs({ 'run-timeout': '5s' }), folder))).toBe(
      'pyproject.toml: tool.exitproof.run-timeout: got “soon”, takes a duration such as 10s, 1m30s or 500ms',
    );
  });

  test('that is no TOML is refused with its line', async () => {
    expect(
      await refusalOf(() => readSettings(new Map(), project('[tool.exitproof]\nrun-timeout = \n'))),
    ).toMatch(/^pyproject\.toml: is no TOML, line 2: \S/);
  });

  test('is shown on one line and not at any length', async () => {
    const said = await refusalOf(() => fromToml(`cache = "${'x'.repeat(500)}"`));
    expect(said.length).toBeLessThan(200);
    expect(await refusalOf(() => fromToml('cache = "a\\nb"'))).toContain('got “a b”');
  });
});

test('nothing is built for an executable, so a requirement beside it is refused', async () => {
  const given = inputs({ executable: 'a', requirement: 'b' });
  expect(await refusalOf(() => readSettings(given, temporaryFolder('settings')))).toBe(
    "executable: is built elsewhere, so it can't stand beside requirement",
  );
});

describe('the layouts are those of the builder', () => {
  const given = (builder: string, more: Readonly<Record<string, string>> = {}) =>
    readSettings(inputs({ builder, ...more }), temporaryFolder('settings'));

  test.each([
    ['pex', ['venv']],
    ['shiv', ['zipapp']],
    ['zipapp', ['zipapp']],
    ['pyinstaller', ['onedir']],
  ])('%s: the first where none is asked for', async (builder, layouts) => {
    expect((await given(builder)).layouts).toEqual(layouts);
  });

  test.each([
    ['shiv', 'venv', 'takes zipapp with the builder shiv'],
    ['pex', 'zipapp,onefile', 'takes venv or zipapp with the builder pex'],
    ['pyinstaller', 'zipapp', 'takes onedir or onefile with the builder pyinstaller'],
  ])('%s refuses %s', async (builder, layouts, sentence) => {
    const other = layouts.split(',').at(-1);
    expect(await refusalOf(() => given(builder, { layouts }))).toBe(
      `input layouts: got “${other}”, ${sentence}`,
    );
  });

  test('a builder without a venv layout can ship none instead', async () => {
    expect(await refusalOf(() => given('shiv', { 'on-stall': 'use-venv' }))).toBe(
      'input on-stall: got “use-venv”, takes fail or warn with the builder shiv',
    );
  });
});
