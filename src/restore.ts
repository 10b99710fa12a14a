import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { layoutsFolder } from './cache/folders.ts';
import type { Cache } from './cache/openStore.ts';
import { ignoreOwnFolder, OWN_WORK_FOLDER } from './cache/ownFolder.ts';
import type { RestoreByKeyOptions, RestoredByKey } from './cache/restoreByKey.ts';
import type { CancelSignal } from './cancel.ts';
import { cancelledCode, EXIT, type ExitCode } from './exitCodes.ts';
import { shortVersion } from './layout/interpreter.ts';
import type { LayoutInfo } from './layout/manifest.ts';
import { isProblem, problem } from './problem.ts';
import type { RestoreValues } from './settings/restoreTable.ts';
import type { Environment } from './toolchain/paths.ts';
import type { Ui } from './ui.ts';
import { workFolder } from './workFolder.ts';

export interface RestoreContext extends Ui {
  readonly env: Environment;
  /** In the action, the workspace. */
  readonly cwd: string;
}

/** What became of it; null where nothing was restored, or where it isn't known. */
export interface RestoreResult {
  readonly result: RestoredByKey['result'] | 'cancelled';
  readonly reason: string;
  /** Absolute, as is `executable`. */
  readonly path: string | null;
  readonly executable: string | null;
  /** With which it was checked, as are `commit` and `python`. */
  readonly verdict: string | null;
  readonly commit: string | null;
  readonly python: string | null;
}

/**
 * A checked layout in its place, for a later job or another machine. What isn't found, or isn't right, is a result.
 *
 * @throws a `settings` problem where not exactly one of `key` and `archive` is given, for a named Python that isn't there,
 * and for a path where no layout can lie.
 */
export async function restore(values: RestoreValues, context: RestoreContext): Promise<RestoreResult> {
  const wanted = wantedOf(values);
  const { log, env, cwd, cancel } = context;
  const work = await workFolder(env);
  try {
    const restored = await log.stage('Restore', () => lookUp(wanted, values, work, context));
    const { result, reason } = restored;
    // A miss that fails is the caller's to tell.
    if (result === 'hit' || values.onMiss === 'continue') log.info(`restore: ${result} (${reason})`);
    if (result !== 'hit') return { result, reason, ...NOTHING };
    const { folder, executable, layout, notices } = restored;
    if (values.path.startsWith(join(cwd, OWN_WORK_FOLDER, '/'))) await ignoreOwnFolder(cwd);
    for (const notice of notices) log.notice(notice);
    const { verdict, commit, interpreter } = layout.info;
    log.info(`checked: ${verdict}, commit ${commit ?? 'unknown'}`);
    return { result, reason, path: folder, executable, verdict, commit, python: interpreter.version };
  } catch (error) {
    if (!cancel.aborted) throw error;
    return { result: 'cancelled', reason: `by ${String(cancel.reason)}`, ...NOTHING };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

export function restoreExitCode(
  { result }: RestoreResult,
  { onMiss }: RestoreValues,
  cancelledBy: CancelSignal | null,
): ExitCode {
  if (result === 'cancelled') return cancelledCode(cancelledBy);
  return result === 'hit' || onMiss === 'continue' ? EXIT.passed : EXIT.notPassed;
}

const NOTHING = { path: null, executable: null, verdict: null, commit: null, python: null } as const;

type Wanted =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'archive'; readonly file: string };

function wantedOf({ key, archive }: RestoreValues): Wanted {
  if (key !== null && archive === null) return { kind: 'key', key };
  if (key === null && archive !== null) return { kind: 'archive', file: archive };
  const got = key === null ? 'got neither of them' : 'got both';
  throw problem('settings', `key, archive: ${got}, takes exactly one`, {
    hint: "the key is the check's output `cache-key`, in its report `cache.key`; it is empty where the check built nothing",
  });
}

async function lookUp(
  wanted: Wanted,
  values: RestoreValues,
  work: string,
  { log, env, cwd, cancel }: RestoreContext,
): Promise<RestoredByKey> {
  // Only now: a bad value is told without loading the cache's SDK.
  const [{ openStore }, { restoreByKey }, { findInterpreter }] = await Promise.all([
    import('./cache/openStore.ts'),
    import('./cache/restoreByKey.ts'),
    import('./toolchain/interpreter.ts'),
  ]);
  const find = async (python: string | null): Promise<string> => {
    const place = { project: null, requiresPython: null, path: env['PATH'] ?? '', env, cancel };
    const { version, path, from } = await findInterpreter({ python, ...place });
    log.info(`python: ${version}, ${path}${python === values.python ? `, from ${from}` : ''}`);
    return path;
  };
  // What was asked for must be there, whatever the layout needs.
  const asked = values.python === null ? null : await find(values.python);
  const python = async ({ interpreter }: LayoutInfo): Promise<string | null> => {
    if (asked !== null) return asked;
    const absent = (error: unknown): null => {
      if (!isProblem(error)) throw error;
      return null;
    };
    // Where there is none of its X.Y, any other tells what there is.
    const fitting = await find(shortVersion(interpreter.version)).catch(absent);
    return fitting ?? (await find(null).catch(absent));
  };
  const source: RestoreByKeyOptions['source'] =
    wanted.kind === 'archive'
      ? wanted
      : { ...wanted, cache: await openStore({ choice: 'read', env, workspace: cwd, work, log }) };
  if (source.kind === 'key') log.info(`looking in ${placeOf(source.cache, env)}`);
  return restoreByKey({ source, destination: values.path, python, cancel });
}

function placeOf({ store }: Cache, env: Environment): string {
  return store.kind === 'directory' ? layoutsFolder(env) : "GitHub's cache";
}
