import { lstat, mkdir, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { problem } from '../problem.ts';
import { LAYOUT_FILE, OWN_FOLDER } from './manifest.ts';

/** Lies in a folder that a builder wrote, which is no layout yet. */
export const BUILT_SIGN = `${OWN_FOLDER}/built`;

/** What Linux reads of a script's first line; a longer one is cut off, and another program runs. */
const SHEBANG_LIMIT = 255;
/** The longest that PEX writes behind a layout's folder. */
const SHEBANG_REST = '/bin/python3.14 -sE';

/** Throws a settings problem for a folder whose scripts could not be started. */
export function checkPlace(folder: string): void {
  if (/\s/.test(folder)) {
    throw problem(
      'settings',
      `a layout can't lie in "${folder}": its scripts name their interpreter by path, and a path with a space can't stand there`,
      {
        hint: 'choose an `output` whose absolute path has no space',
      },
    );
  }
  const length = Buffer.byteLength(`#!${folder}${SHEBANG_REST}`);
  if (length > SHEBANG_LIMIT) {
    throw problem(
      'settings',
      `a layout can't lie in "${folder}": the first line of its scripts would have ${length} bytes, and ${SHEBANG_LIMIT} is what Linux reads`,
      {
        hint: 'choose an `output` with a shorter absolute path',
      },
    );
  }
}

/**
 * Makes the folder in which a layout is to lie. Returns the outermost one that was not there, null where all were. Throws a
 * settings problem where there can be none.
 */
export async function makeParent(layout: string): Promise<string | null> {
  try {
    return await makeFolder(dirname(layout));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw problem('settings', `a layout can't lie in "${layout}": ${reason}`);
  }
}

/** Not by Node's `recursive`, which never ends below `/proc`. */
async function makeFolder(folder: string): Promise<string | null> {
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory() === true) return null;
  const above = dirname(folder);
  const outermost = found === null && above !== folder ? await makeFolder(above) : null;
  try {
    await mkdir(folder);
    return outermost ?? folder;
  } catch (error) {
    // Another job may have been quicker.
    if ((await stat(folder).catch(() => null))?.isDirectory() === true) return outermost;
    throw error;
  }
}

/** Undoes `makeParent`, as far as nothing lies there. */
export async function removeMade(layout: string, outermost: string | null): Promise<void> {
  let folder = outermost === null ? null : dirname(layout);
  while (folder !== null) {
    const removed = await rmdir(folder).then(
      () => true,
      () => false,
    );
    folder = removed && folder !== outermost ? dirname(folder) : null;
  }
}

/** Throws rather than replace a folder that holds something else than a layout. */
export async function checkReplaceable(folder: string): Promise<void> {
  const stats = await lstat(folder).catch(() => null);
  if (stats === null) return;
  if (!stats.isDirectory()) throw problem('settings', `${folder} exists and is no folder`);
  if ((await readdir(folder)).length === 0) return;
  const signs = [LAYOUT_FILE, BUILT_SIGN, 'PEX-INFO'].map((file) => lstat(join(folder, file)));
  const found = await Promise.allSettled(signs);
  if (found.every((sign) => sign.status === 'rejected')) {
    throw problem('settings', `${folder} exists, and what lies in it is no layout`, {
      hint: 'name a new or an empty folder',
    });
  }
}

/** Removes an older file. Throws a settings problem rather than remove a folder. */
export async function makeWay(file: string): Promise<void> {
  const stats = await lstat(file).catch(() => null);
  if (stats?.isDirectory() === true) {
    throw problem('settings', `${file} is a folder, and the file that is built has to lie there`, {
      hint: 'move it away, or choose another `output`',
    });
  }
  await rm(file, { force: true });
}
