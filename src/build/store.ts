import { copyFile, link, mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import { sha256File, sha256Of } from '../digest.ts';
import { partOf } from '../part.ts';
import type { Wheel } from './model.ts';

/**
 * Wheels that an earlier build fetched or built, kept by their hash. A lock with hashes names exactly one set of
 * them for one Python on one machine, so that a second build asks no index.
 */
export interface WheelStore {
  /** Puts the wheels of that key into `folder`; null where one is missing or isn't what it was. */
  take(key: string, folder: string): Promise<readonly Wheel[] | null>;
  /** Puts the wheel of that hash at `path`, which ends in its name; false where it is missing or isn't what it was. */
  one(sha256: string, path: string): Promise<boolean>;
  keep(key: string, wheels: readonly Wheel[]): Promise<void>;
}

const record = v.array(
  v.object({ file: v.string(), name: v.string(), sha256: v.pipe(v.string(), v.hexadecimal()) }),
);

export function storeKey(parts: readonly string[]): string {
  return sha256Of(JSON.stringify(parts));
}

export function wheelStore(root: string): WheelStore {
  const wheelPath = (sha256: string, file: string): string => join(root, 'wheels', sha256, basename(file));
  const recordPath = (key: string): string => join(root, 'resolved', `${key}.json`);
  const one = async (sha256: string, path: string): Promise<boolean> => {
    const from = wheelPath(sha256, path);
    const digest = await place(from, path).then(
      () => sha256File(path),
      () => null,
    );
    if (digest === sha256) return true;
    if (digest !== null) await rm(path, { force: true });
    await rm(from, { force: true });
    return false;
  };

  return {
    one,

    async take(key, folder) {
      const text = await readFile(recordPath(key), 'utf8').catch(() => null);
      if (text === null) return null;
      const entries = v.safeParse(record, parsed(text));
      if (!entries.success) return null;
      const wheels = entries.output.map(({ file, name, sha256 }) => {
        return { path: join(folder, basename(file)), name, sha256 };
      });
      const whole = await Promise.all(wheels.map(({ path, sha256 }) => one(sha256, path)));
      if (whole.includes(false)) {
        await Promise.all(wheels.map(({ path }) => rm(path, { force: true })));
        return null;
      }
      // What was used least recently goes first.
      const now = new Date();
      const used = [
        recordPath(key),
        ...entries.output.map(({ file, sha256 }) => join(wheelPath(sha256, file), '..')),
      ];
      await Promise.all(used.map((path) => utimes(path, now, now).catch(() => {})));
      return wheels;
    },

    async keep(key, wheels) {
      for (const wheel of wheels) {
        const to = wheelPath(wheel.sha256, wheel.path);
        await mkdir(join(to, '..'), { recursive: true });
        const part = partOf(to);
        await place(wheel.path, part);
        await rename(part, to);
        // Two names of one file are both left by a rename.
        await rm(part, { force: true });
      }
      const entries = wheels.map(({ path, name, sha256 }) => ({ file: basename(path), name, sha256 }));
      await mkdir(join(root, 'resolved'), { recursive: true });
      const part = partOf(recordPath(key));
      await writeFile(part, `${JSON.stringify(entries)}\n`);
      await rename(part, recordPath(key));
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A link where the file systems allow it: nothing writes into a wheel. */
async function place(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}
