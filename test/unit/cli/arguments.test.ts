import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readArguments } from '../../../src/commands/arguments.ts';
import { isProblem } from '../../../src/problem.ts';
import { namesIn } from '../../../src/settings/row.ts';
import { TABLE } from '../../../src/settings/table.ts';

function texts(argv: readonly string[]): Readonly<Record<string, unknown>> {
  const asked = readArguments(argv, '1.2.3');
  if (asked.command === 'print') throw new Error('it printed');
  return Object.fromEntries(
    [...asked.flags].map(([name, written]) => [name, 'texts' in written ? written.texts : null]),
  );
}

function refusalOf(argv: readonly string[]): string {
  try {
    readArguments(argv, '1.2.3');
  } catch (error) {
    if (!isProblem(error)) throw error;
    expect(error.kind).toBe('settings');
    return error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
  }
  throw new Error('nothing was refused');
}

function printed(argv: readonly string[]): string {
  const asked = readArguments(argv, '1.2.3');
  return asked.command === 'print' ? asked.text : '';
}

describe('the command line', () => {
  test('gives each flag as it was written, and the folder as the project', () => {
    expect(texts(['check', 'app', '--run-timeout', '5s', '--layouts=zipapp,venv', '--json'])).toEqual({
      project: ['app'],
      'run-timeout': ['5s'],
      layouts: ['zipapp', 'venv'],
      json: ['true'],
    });
  });

  test('takes values that look like flags, and repeated flags', () => {
    expect(texts(['check', '--smoke', '--version', '--smoke=--help', '--builder-args', '--a b'])).toEqual({
      smoke: ['--version', '--help'],
      'builder-args': ['--a b'],
    });
  });

  test('takes the last of a flag that has one value', () => {
    expect(texts(['check', '--cache', 'on', '--cache', 'off'])).toEqual({ cache: ['off'] });
  });

  test('leaves one smoke run in one piece also where a quoted argument holds a line end', () => {
    expect(texts(['check', '--smoke', "-c 'a\nb'"])).toEqual({ smoke: ["-c 'a\nb'"] });
  });

  test.each([
    [
      ['run', '--run-timeout', '5s', '--', 'python', '-c', 'pass', '--json'],
      ['python', '-c', 'pass', '--json'],
    ],
    [
      ['run', 'python', '--version'],
      ['python', '--version'],
    ],
    [
      ['run', '--json', 'ls', '--json=maybe', '--', '-l'],
      ['ls', '--json=maybe', '--', '-l'],
    ],
    [['run', '--', '--odd'], ['--odd']],
  ])('%j leaves what is behind the command to it', (argv, command) => {
    const asked = readArguments(argv, '1.2.3');
    expect(asked.command === 'run' && asked.argv).toEqual(command);
  });

  test('takes a switch with a value as an input has it', () => {
    expect(texts(['check', '--json=true', '--quiet=False'])).toEqual({ json: ['true'] });
  });

  test.each([
    [
      [],
      'no command was given (the commands are check, build, run, restore, merge and cache; exitproof --help says more)',
    ],
    [['chek'], 'chek: no such command, did you mean check?'],
    [
      ['check', '--run-timout', '5s'],
      '--run-timout: exitproof check has no such flag, did you mean --run-timeout?',
    ],
    [['check', '--bogus=1'], '--bogus: exitproof check has no such flag (exitproof check --help lists them)'],
    [
      ['run', '--cache=off', 'ls'],
      '--cache: exitproof run has no such flag (exitproof run --help lists them)',
    ],
    [
      ['check', '--env', 'A=1'],
      '--env: exitproof check has no such flag (exitproof check --help lists them)',
    ],
    [['check', '--run-timeout'], '--run-timeout: got nothing, takes a duration such as 10s, 1m30s or 500ms'],
    [['check', '--json=maybe'], '--json: got “maybe”, takes true or false'],
    [['check', '--verbose='], '--verbose: got “”, takes true or false'],
    [['check', 'a', 'b'], 'check: got more than one folder, takes one'],
    [['check', 'a', '--project', 'b'], '--project: stands beside the folder “a”, takes one of the two'],
    [['run'], 'run: got no command, takes one, as in exitproof run -- python main.py'],
    [['--json', 'check'], '--json: stands before the command, takes a place behind check'],
    [['--verison'], '--verison: exitproof has no such flag, did you mean --version?'],
    [['check', '-x'], '-x: exitproof check has no such flag (exitproof check --help lists them)'],
    [['check', '--no-json'], '--no-json: exitproof check has no such flag, did you mean --json?'],
    [
      ['check', '--bogus', '--json=maybe'],
      '--bogus: exitproof check has no such flag (exitproof check --help lists them)',
    ],
    [['restor'], 'restor: no such command, did you mean restore?'],
    [['restore', 'a'], 'restore: got “a”, takes flags only'],
    [
      ['restore', '--smoke', 'x'],
      '--smoke: exitproof restore has no such flag (exitproof restore --help lists them)',
    ],
    [
      ['restore', '--add-to-path'],
      '--add-to-path: exitproof restore has no such flag (exitproof restore --help lists them)',
    ],
    [['cache'], 'cache: got nothing, takes info or clear'],
    [['cache', 'info', 'clear'], 'cache: got “info clear”, takes info or clear'],
    [['run', '--'], 'run: got no command, takes one, as in exitproof run -- python main.py'],
  ])('%j is refused in one sentence', (argv, sentence) => {
    expect(refusalOf(argv)).toBe(sentence);
  });

  test('takes the last of a switch that is said twice', () => {
    expect(texts(['check', '--json', '--json=false'])).toEqual({});
    expect(texts(['check', '--json=false', '--json'])).toEqual({ json: ['true'] });
  });

  test('takes a folder whose name starts with dashes behind --', () => {
    expect(texts(['build', '--json', '--', '--odd'])).toEqual({ project: ['--odd'], json: ['true'] });
  });

  test('reads what restore and cache are to do', () => {
    expect(texts(['restore', '--key', 'k', '--on-miss=continue'])).toEqual({
      key: ['k'],
      'on-miss': ['continue'],
    });
    expect(readArguments(['cache', 'clear', '--json'], '1.2.3')).toMatchObject({
      command: 'cache',
      deed: 'clear',
    });
  });

  test.each([[['check', '-h']], [['run', '--help', 'ls']], [['cache', '--bogus', '--help']]])(
    '%j prints help, whatever else stands there',
    (argv) => {
      expect(printed(argv)).toMatch(/^Usage: exitproof /);
    },
  );

  test('leaves the help of a watched command to it', () => {
    expect(readArguments(['run', 'ls', '--help'], '1.2.3')).toMatchObject({ argv: ['ls', '--help'] });
    expect(texts(['check', '--smoke', '--help'])).toEqual({ smoke: ['--help'] });
  });

  test('hands on every word behind -- as it is', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (command) => {
        const asked = readArguments(['run', '--quiet', '--', ...command], '1.2.3');
        expect(asked.command === 'run' && asked.argv).toEqual(command);
      }),
    );
  });

  test('keeps any value of a flag as it is, in one word or in two', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(texts(['check', `--report=${value}`])).toEqual({ report: [value] });
        expect(texts(['check', '--report', value])).toEqual({ report: [value] });
      }),
    );
  });

  test('is read or refused, whatever it is', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '--',
        '-',
        '--json',
        '--smoke',
        '--smoke=',
        '-h',
        '--help=',
        '--no-json',
        '--toString',
        '-ab',
      ),
    );
    const command = fc.constantFrom('check', 'build', 'run', 'restore', 'cache', '__proto__', 'constructor');
    fc.assert(
      fc.property(command, fc.array(word, { maxLength: 5 }), (first, rest) => {
        try {
          readArguments([first, ...rest], '1.2.3');
        } catch (error) {
          expect(isProblem(error) && error.kind).toBe('settings');
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('takes help as a command, too', () => {
    expect(printed(['help'])).toBe(printed(['--help']));
    expect(printed(['help', 'run'])).toBe(printed(['run', '--help']));
    expect(refusalOf(['help', 'rnu'])).toBe('rnu: no such command, did you mean run?');
    expect(refusalOf(['help', 'run', 'check'])).toBe('help: got more than one command, takes one');
  });

  test('prints no help that is wider than a terminal', () => {
    for (const command of ['check', 'build', 'run', 'restore', 'cache', null]) {
      const help = printed([...(command === null ? [] : [command]), '--help']);
      for (const line of help.split('\n')) {
        if (!line.startsWith('  exitproof ')) expect(line.length, line).toBeLessThanOrEqual(80);
      }
    }
  });

  test('prints help with every flag of the table, and the version', () => {
    const help = printed(['check', '--help']);
    const run = printed(['run', '--help']);
    for (const name of namesIn(TABLE, 'flag')) expect(help + run).toContain(`--${name}`);
    expect(printed(['--help'])).toContain('check [options] [DIR]');
    expect(printed(['--version'])).toBe('1.2.3\n');
  });
});
