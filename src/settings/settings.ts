import { resolve } from 'node:path';
import { LAYOUTS_OF } from '../build/layoutsOf.ts';
import { type Problem, problem } from '../problem.ts';
import type { BuiltLayout } from '../report/model.ts';
import { statsOf } from '../stats.ts';
import type { Deadlines, ObserverChoice, Stdin } from '../watch/request.ts';
import { readPyproject, writtenInPyproject } from './pyproject.ts';
import { placed, quoted } from './refusal.ts';
import { resolveSettings, type Source } from './resolve.ts';
import { namesOf } from './row.ts';
import { type SettingName, TABLE, type Values } from './table.ts';
import { oneOf } from './types/choice.ts';
import type { Environment } from './types/environment.ts';
import { joinWords } from './types/words.ts';
import type { WrittenSettings } from './written.ts';

/** One smoke run, complete: nothing is left to be looked up elsewhere. */
export interface SmokeRun {
  readonly name: string;
  readonly args: readonly string[];
  readonly exitCode: number;
  readonly stdin: Stdin;
  /** The whole's variables with this run's own over them. */
  readonly env: Environment;
  /** Absolute, or null for an empty folder of its own. */
  readonly cwd: string | null;
  /** Milliseconds. */
  readonly runTimeout: number;
  readonly expectOutput: RegExp | null;
}

/**
 * What `check` and `build` work from: every setting of the table by its camelCase name. Durations are milliseconds,
 * paths are absolute, what was not set and has no default is null.
 */
export interface Settings extends Omit<Values, 'smoke' | 'layouts'> {
  /** Those that were asked for, or the builder's first. */
  readonly layouts: readonly BuiltLayout[];
  readonly smoke: readonly SmokeRun[];
  readonly deadlines: Deadlines;
  /** Absolute; relative paths are shown from here. */
  readonly cwd: string;
  readonly sources: Readonly<Record<SettingName, Source>>;
  /** Each value as text. */
  readonly shown: Readonly<Record<SettingName, string>>;
}

/** What `run` works from: the command and the watch, no project. */
export interface RunSettings {
  readonly argv: readonly [string, ...string[]];
  readonly deadlines: Deadlines;
  readonly observer: ObserverChoice;
  readonly report: string | null;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly cwd: string;
}

function deadlinesOf(values: Values): Deadlines {
  return {
    startup: values.startupTimeout,
    run: values.runTimeout,
    teardown: values.teardownTimeout,
    drain: values.drainTimeout,
    grace: values.grace,
  };
}

function smokeRuns(values: Values): readonly SmokeRun[] {
  return values.smoke.map((entry) => ({
    name: entry.name ?? (joinWords(entry.args) || 'no arguments'),
    args: entry.args,
    exitCode: entry.exitCode ?? values.exitCode,
    stdin: entry.stdin ?? values.stdin,
    env: { ...values.env, ...entry.env },
    cwd: entry.cwd,
    runTimeout: entry.runTimeout ?? values.runTimeout,
    expectOutput: entry.expectOutput ?? values.expectOutput,
  }));
}

/** Throws a settings problem for a layout that the builder doesn't make. */
function layoutsOf(
  { builder, layouts, onStall }: Values,
  sources: Readonly<Record<SettingName, Source>>,
): readonly BuiltLayout[] {
  const made: readonly BuiltLayout[] = LAYOUTS_OF[builder];
  const refuse = (name: SettingName, got: string, takes: string): Problem => {
    const source = sources[name];
    const at = source === 'default' ? name : placed(name, source);
    return problem('settings', `${at}: got ${quoted(got)}, takes ${takes} with the builder ${builder}`);
  };
  const other = layouts?.find((layout) => !made.includes(layout));
  if (other !== undefined) throw refuse('layouts', other, oneOf(made));
  if (onStall === 'use-venv' && !made.includes('venv')) throw refuse('on-stall', onStall, 'fail or warn');
  return layouts ?? made.slice(0, 1);
}

function projectFolder(written: WrittenSettings, cwd: string): string {
  const project = written.get('project');
  if (project === undefined || project.place === 'pyproject') return cwd;
  const text = project.texts.join('\n');
  const folder = resolve(cwd, text);
  if (statsOf(folder)?.isDirectory() !== true) {
    const name = project.place === 'flag' ? 'project' : placed('project', project.place);
    throw problem('settings', `${name}: got ${quoted(text)}, takes a folder that exists`);
  }
  return folder;
}

/**
 * Flags or action inputs over the project's `[tool.exitproof]` over the defaults.
 *
 * @throws a `settings` problem, one sentence on the first value that isn't right.
 */
export async function readSettings(written: WrittenSettings, cwd: string): Promise<Settings> {
  const project = projectFolder(written, cwd);
  const pyproject = readPyproject(project);
  const layers = pyproject === null ? [written] : [written, await writtenInPyproject(pyproject)];
  const { values, sources, shown } = resolveSettings(TABLE, layers, { cwd, project });
  if (values.executable !== null && values.requirement.length > 0) {
    throw problem('settings', "executable: is built elsewhere, so it can't stand beside requirement");
  }
  return Object.freeze({
    ...values,
    layouts: layoutsOf(values, sources),
    smoke: smokeRuns(values),
    deadlines: deadlinesOf(values),
    cwd,
    sources,
    shown,
  });
}

/** Flags over the defaults; no file is read. */
export function readRunSettings(
  argv: readonly [string, ...string[]],
  written: WrittenSettings,
  cwd: string,
): RunSettings {
  const { values } = resolveSettings(TABLE, [written], { cwd, project: cwd });
  const { observer, report, json, quiet, verbose } = values;
  const deadlines = deadlinesOf(values);
  return Object.freeze({ argv, deadlines, observer, report, json, quiet, verbose, cwd });
}

const SOURCE_WORDS: Readonly<Record<Source, string>> = {
  flag: 'from the command line',
  input: "from the action's inputs",
  pyproject: 'from pyproject.toml',
  default: 'by default',
};

/** `10s, from pyproject.toml`, for the log. */
export function describeSetting(settings: Pick<Settings, 'shown' | 'sources'>, name: SettingName): string {
  return `${settings.shown[name]}, ${SOURCE_WORDS[settings.sources[name]]}`;
}

/** One line for each setting that somebody set, for the log: `run-timeout: 5s, from the command line`. */
export function settingsInWords(settings: Pick<Settings, 'shown' | 'sources'>): readonly string[] {
  return namesOf(TABLE)
    .filter((name) => settings.sources[name] !== 'default')
    .map((name) => `${name}: ${describeSetting(settings, name)}`.replaceAll(/\p{Cc}+/gu, ' '));
}
