import { join } from 'node:path';
import { problem } from '../problem.ts';
import type { BuildPlan } from './model.ts';

/** What exitproof decides, and by which setting a user does. */
const OURS: Readonly<Record<string, string | null>> = {
  '--onedir': 'layouts',
  '-D': 'layouts',
  '--onefile': 'layouts',
  '-F': 'layouts',
  '--distpath': 'output',
  '--name': null,
  '-n': null,
  '--workpath': null,
  '--specpath': null,
};

/** Throws a settings problem for the first of `builder-args` that is exitproof's to set. */
export function refuseOurs(args: readonly string[]): void {
  for (const word of args) {
    const flag = word.replace(/=.*/s, '');
    if (!Object.hasOwn(OURS, flag)) continue;
    const setting = OURS[flag] ?? null;
    const instead = setting === null ? 'which exitproof sets itself' : `which the setting ${setting} says`;
    throw problem('settings', `builder-args: got "${flag}", ${instead}.`);
  }
}

export interface Parts {
  readonly layout: 'onedir' | 'onefile';
  readonly name: string;
  readonly dist: string;
  readonly work: string;
  readonly script: string;
  readonly hidden: readonly string[];
  readonly excluded: readonly string[];
  readonly own: readonly OwnPackages[];
}

export interface OwnPackages {
  readonly distribution: string;
  readonly packages: readonly string[];
}

/** What `pyinstaller` is given; the users' own words first, so that none of ours is lost. */
export function pyinstallerArguments({ builder }: Pick<BuildPlan, 'builder'>, parts: Parts): string[] {
  const { layout, name, dist, work, script, hidden, excluded, own } = parts;
  const each = (flag: string, values: readonly string[]): string[] =>
    values.flatMap((value) => [flag, value]);
  return [
    ...builder.args,
    // Found on PATH it would be used, on one machine and not on the other.
    ...(builder.args.some((arg) => arg.startsWith('--upx-dir')) ? [] : ['--noupx']),
    ...each('--hidden-import', hidden),
    // It adds this one to the list itself, and then takes its own analysis for that of another list.
    ...each('--exclude-module', [...excluded, '__main__']),
    ...each(
      '--copy-metadata',
      own.map(({ distribution }) => distribution),
    ),
    ...each(
      '--collect-data',
      own.flatMap(({ packages }) => packages),
    ),
    ...[`--${layout}`, '--noconfirm', '--log-level', 'WARN', '--name', name],
    ...['--distpath', dist, '--workpath', join(work, 'work'), '--specpath', work],
    script,
  ];
}
