import { BUILDERS } from '../build/layoutsOf.ts';
import { BUILT_LAYOUTS } from '../report/model.ts';
import type { Rows, ValuesOf } from './row.ts';
import { SAY_ROWS } from './sayRows.ts';
import { choice, choices } from './types/choice.ts';
import { count } from './types/count.ts';
import { duration } from './types/duration.ts';
import { environment } from './types/environment.ts';
import { exitCode } from './types/exitCode.ts';
import { regex } from './types/regex.ts';
import { shard } from './types/shard.ts';
import { smoke } from './types/smoke.ts';
import { soak } from './types/soak.ts';
import { stdin } from './types/stdin.ts';
import { names, path, python, requirementLines, text } from './types/text.ts';
import { words } from './types/words.ts';

/** Headings of the help and of the reference. */
export const GROUPS = {
  what: 'What is built',
  how: 'How it is built',
  watch: 'How it is watched',
  keep: 'What is kept',
  say: SAY_ROWS.json.group,
} as const;

const ANYWHERE = ['flag', 'input', 'pyproject'] as const;
const FILE = ['pyproject'] as const;
const FLAG = ['flag'] as const;
const BUILDING = ['check', 'build'] as const;
const WATCHING = ['check', 'run'] as const;
const ALL = ['check', 'build', 'run'] as const;

/**
 * Every setting there is. The types, the readers, the help, `action.yml`, the JSON Schema and the reference in the
 * docs are all made from these rows.
 */
export const TABLE = {
  project: {
    type: path,
    group: GROUPS.what,
    default: '.',
    sentence: 'The folder with pyproject.toml or setup.py.',
    places: ['flag', 'input'],
    commands: BUILDING,
    base: 'cwd',
  },
  requirement: {
    type: requirementLines,
    group: GROUPS.what,
    default: '',
    sentence: 'Build this from the index instead of the project; beside it where `project` is given too.',
    places: ANYWHERE,
    commands: BUILDING,
  },
  requirements: {
    type: path,
    group: GROUPS.what,
    default: null,
    unset: 'found',
    sentence: 'The lock or requirements file, from the project.',
    places: ANYWHERE,
    commands: BUILDING,
    base: 'project',
  },
  extras: {
    type: names,
    group: GROUPS.what,
    default: '',
    sentence: "The project's extras to build in.",
    places: ANYWHERE,
    commands: BUILDING,
  },
  'entry-point': {
    type: text('entry point', 'a console script, module:function, file or module'),
    group: GROUPS.what,
    default: null,
    unset: 'found',
    sentence: 'What runs: a console script, `module:function`, a file or a module; tried in this order.',
    places: ANYWHERE,
    commands: BUILDING,
  },
  executable: {
    type: path,
    group: GROUPS.what,
    default: null,
    sentence: 'Watch this program, built elsewhere; nothing is built or cached.',
    places: ANYWHERE,
  },
  builder: {
    type: choice(BUILDERS),
    group: GROUPS.how,
    default: 'pex',
    sentence: 'What builds the executable.',
    places: ANYWHERE,
    commands: BUILDING,
  },
  'builder-version': {
    type: text('version', 'one exact version such as 2.58.0', /^\d+(\.\d+)+([abc.+-]?\w+)*$/),
    group: GROUPS.how,
    default: null,
    unset: 'pinned',
    sentence: "The builder's exact version; the default is locked by hash.",
    places: ANYWHERE,
    commands: BUILDING,
  },
  'builder-args': {
    type: words,
    group: GROUPS.how,
    default: '',
    sentence: 'More arguments for the builder, split as a shell does.',
    places: ANYWHERE,
    commands: BUILDING,
  },
  python: {
    type: python,
    group: GROUPS.how,
    default: null,
    unset: '`.python-version`, then the first on PATH that fits',
    sentence: 'The interpreter, as X.Y or as a path: built for and run with.',
    places: ANYWHERE,
    commands: BUILDING,
  },
  layouts: {
    type: choices(BUILT_LAYOUTS),
    group: GROUPS.how,
    default: null,
    unset: "the builder's first",
    sentence:
      "pex: `venv`, `zipapp`. shiv and zipapp: `zipapp`. pyinstaller: `onedir`, `onefile`. The first is shipped, the others run beside it. A stall in the packager's own code tries the builder's other one unasked.",
    places: ANYWHERE,
    commands: BUILDING,
  },
  'build-timeout': {
    type: duration,
    group: GROUPS.how,
    default: '30m',
    sentence: 'How long the build may take, and each thing that is made of it later.',
    places: ANYWHERE,
    commands: BUILDING,
  },
  smoke: {
    type: smoke,
    group: GROUPS.watch,
    default: '--help',
    sentence:
      'The arguments of one run a line, split as a shell does, nothing expanded. In pyproject.toml also tables.',
    places: ANYWHERE,
  },
  soak: {
    type: soak,
    group: GROUPS.watch,
    default: '1',
    sentence:
      'Repeat each smoke run: so many times, for so long in all, or as often as proves that at most so many percent stall.',
    places: ANYWHERE,
  },
  'soak-stop': {
    type: choice(['never', 'first']),
    group: GROUPS.watch,
    default: 'never',
    sentence: 'Whether a soak goes on past what does not pass, or repeats each smoke run only until then.',
    places: ANYWHERE,
  },
  concurrency: {
    type: count(256),
    group: GROUPS.watch,
    default: '1',
    sentence: 'How many runs of a soak go on at a time.',
    places: ANYWHERE,
  },
  shard: {
    type: shard,
    group: GROUPS.watch,
    default: null,
    sentence: 'Do only the i-th of n parts of the soak; `merge` joins the reports.',
    places: ['flag', 'input'],
  },
  'startup-timeout': {
    type: duration,
    group: GROUPS.watch,
    default: '60s',
    sentence: 'How long the first, cold boot of a layout may take.',
    places: ANYWHERE,
    commands: WATCHING,
  },
  'run-timeout': {
    type: duration,
    group: GROUPS.watch,
    default: '60s',
    sentence: "How long the program's own work may take.",
    places: ANYWHERE,
    commands: WATCHING,
  },
  'teardown-timeout': {
    type: duration,
    group: GROUPS.watch,
    default: '10s',
    sentence: 'How long the program may take to leave, from the first moment of its teardown.',
    places: ANYWHERE,
    commands: WATCHING,
  },
  'drain-timeout': {
    type: duration,
    group: GROUPS.watch,
    default: '5s',
    sentence: "How long others may hold the program's output once it has gone.",
    places: ANYWHERE,
    commands: WATCHING,
  },
  'on-stall': {
    type: choice(['fail', 'warn', 'use-venv']),
    group: GROUPS.watch,
    default: 'fail',
    sentence:
      'Whether a stall fails the job or only warns; the verdict stays `stalled`. `use-venv` ships the venv layout where only the zipapp stalls: the verdict is that of what is shipped.',
    places: ANYWHERE,
  },
  cache: {
    type: choice(['auto', 'on', 'read', 'off']),
    group: GROUPS.keep,
    default: 'auto',
    sentence:
      'Keep the checked layout for the next job. `auto` is off where a cache could be poisoned, `read` never saves.',
    places: ANYWHERE,
    commands: BUILDING,
  },
  archive: {
    type: choice(['none', 'tar', 'tar.gz', 'zip']),
    group: GROUPS.keep,
    default: 'none',
    sentence: 'Pack what passed for download, with modes and links kept.',
    places: ANYWHERE,
  },
  'smoke-on': {
    type: choice(['layout', 'archive']),
    group: GROUPS.watch,
    default: 'layout',
    sentence:
      'What has to pass: the layout, or also the `archive`. Then each smoke run is run once more from the archive, unpacked in another place and fitted to it, as users do it.',
    places: ANYWHERE,
  },
  output: {
    type: path,
    group: GROUPS.keep,
    default: '.exitproof/out',
    sentence: 'The folder for the executable, the reports and the dumps, from the working directory.',
    places: ANYWHERE,
    commands: BUILDING,
    base: 'cwd',
  },
  env: {
    type: environment,
    group: GROUPS.watch,
    default: '',
    sentence: 'Variables for the watched program.',
    places: FILE,
  },
  'expect-output': {
    type: regex,
    group: GROUPS.watch,
    default: null,
    sentence:
      'What stdout must match somewhere: a JavaScript regular expression in which `^` and `$` stand for lines. Of more than 1 MiB the first and the last 512 KiB are searched; stderr never is.',
    places: FILE,
  },
  'exit-code': {
    type: exitCode,
    group: GROUPS.watch,
    default: '0',
    sentence: 'The exit code that is right.',
    places: FILE,
  },
  stdin: {
    type: stdin,
    group: GROUPS.watch,
    default: 'empty',
    sentence: 'What the program reads: nothing, a pipe that stays open, a file or a text.',
    places: FILE,
  },
  'teardown-budget': {
    type: duration,
    group: GROUPS.watch,
    default: null,
    sentence:
      'A teardown that takes longer is a warning on its run and changes no verdict; `teardown-timeout` ends the program.',
    places: FILE,
  },
  'teardown-regression': {
    type: choice(['warn', 'fail', 'off']),
    group: GROUPS.watch,
    default: 'warn',
    sentence:
      'What a teardown does that takes twice as long, and half a second more, than in the last good run that the cache knows.',
    places: FILE,
  },
  observer: {
    type: choice(['auto', 'probe', 'sampler', 'none']),
    group: GROUPS.watch,
    default: 'auto',
    sentence: 'Who tells the phases.',
    places: ['flag', 'pyproject'],
    commands: ['run'],
  },
  grace: {
    type: duration,
    group: GROUPS.watch,
    default: '2s',
    sentence: 'From SIGTERM to SIGKILL.',
    places: FILE,
  },
  'cache-suffix': {
    type: text('text', 'letters, digits, dots and dashes', /^[\w.-]{1,64}$/),
    group: GROUPS.keep,
    default: null,
    sentence: 'One more part of the cache key.',
    places: FILE,
  },
  report: {
    type: path,
    group: GROUPS.say,
    default: null,
    sentence: 'Write the JSON report to this file.',
    places: FLAG,
    commands: ALL,
    base: 'cwd',
  },
  ...SAY_ROWS,
} as const satisfies Rows;

export type Table = typeof TABLE;
export type SettingName = keyof Table;

/** One value a row: camelCase keys, durations in milliseconds, paths absolute, null where unset without a default. */
export type Values = ValuesOf<Table>;
