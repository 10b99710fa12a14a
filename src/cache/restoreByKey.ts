import { stat } from 'node:fs/promises';
import { unlessCancelled } from '../cancel.ts';
import { caveats } from '../layout/fit.ts';
import { headOf } from '../layout/frozen/unpack.ts';
import { type BaseInterpreter, baseInterpreter } from '../layout/interpreter.ts';
import { carriesPython, type FrozenLayout, type LayoutInfo } from '../layout/manifest.ts';
import type { CacheResult } from '../report/model.ts';
import { machine } from '../toolchain/machine.ts';
import type { Cache } from './openStore.ts';
import { thawFile } from './thawFile.ts';

export interface RestoreByKeyOptions {
  /** An exact key of the cache, or an archive that exitproof wrote. */
  readonly source:
    | { readonly kind: 'key'; readonly key: string; readonly cache: Cache }
    | { readonly kind: 'archive'; readonly file: string };
  readonly destination: string;
  /** Asked for a layout that carries none; null where there is none. */
  readonly python: (wanted: LayoutInfo) => Promise<string | null>;
  readonly cancel: AbortSignal;
}

export type RestoredByKey =
  | {
      readonly result: 'hit';
      readonly reason: string;
      readonly folder: string;
      /** Absolute. */
      readonly executable: string;
      readonly layout: FrozenLayout;
      /** What may run differently here than where it was checked. */
      readonly notices: readonly string[];
    }
  | { readonly result: Exclude<CacheResult, 'hit' | 'partial'>; readonly reason: string };

/**
 * For a later job: exactly this layout, verified, at this place; nothing is built.
 *
 * @throws a problem where it is cancelled, and for a place where no layout can lie; nothing half is left there.
 */
export async function restoreByKey(options: RestoreByKeyOptions): Promise<RestoredByKey> {
  const { source, destination, cancel } = options;
  const interpreter = async (info: LayoutInfo): Promise<BaseInterpreter | null> => {
    const python = carriesPython(info.layout) ? null : await options.python(info);
    return python === null ? null : baseInterpreter(python, { cancel });
  };
  let file: string;
  if (source.kind === 'archive') {
    file = source.file;
    const fault = await archiveFault(file);
    if (fault !== null) return { result: 'miss', reason: fault };
  } else {
    const { policy, store } = source.cache;
    if (!policy.read) return { result: 'off', reason: policy.reason ?? 'the cache is off' };
    const found = await unlessCancelled(store.find(source.key), cancel);
    if (found.result !== 'hit') return { result: found.result, reason: found.reason };
    file = found.file;
  }
  const form = source.kind === 'archive' ? 'archive' : 'cache';
  const thawed = await thawFile({ file, form, interpreter, destination, artifact: null, cancel });
  if (thawed.kind === 'corrupt') return { result: 'corrupt', reason: thawed.reason };
  if (thawed.kind === 'unfit') return { result: 'miss', reason: thawed.reason };
  if (thawed.kind === 'no-room') return { result: 'denied', reason: thawed.reason };
  const { info } = thawed.layout;
  const here = await machine();
  return {
    result: 'hit',
    reason: `verified: ${thawed.layout.manifest.length} entries as exitproof ${info.exitproof} checked them`,
    folder: thawed.folder,
    executable: `${thawed.folder}/${info.executable}`,
    layout: thawed.layout,
    notices: caveats(info, thawed.interpreter, here),
  };
}

async function archiveFault(file: string): Promise<string | null> {
  // A pipe would be waited for.
  const isFile = (await stat(file).catch(() => null))?.isFile();
  if (isFile !== true) return isFile === false ? `${file} is no file` : `there is no archive ${file}`;
  const head = await headOf(file).catch((error: Error) => error);
  if (head instanceof Error) return `the archive can't be read: ${head.message}`;
  return head === 'PK\x03\x04'
    ? `${file} is a zip: unpack it, and run its .exitproof/relocate if it has one`
    : null;
}
