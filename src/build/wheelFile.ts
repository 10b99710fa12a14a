import { buffer } from 'node:stream/consumers';
import { openPromise, type Entry as ZipEntry, type ZipFile } from 'yauzl';
import { sha256File } from '../digest.ts';
import { wheelName } from '../packageIndex/wheelName.ts';
import type { Wheel } from './model.ts';

/** What a wheel says of itself that a build decides by. */
export interface WheelFacts {
  /** Normalised. */
  readonly name: string;
  readonly version: string;
  readonly scripts: readonly string[];
  /** Top-level and nested modules, dotted; a package with a `__main__` is in it as `package.__main__` too. */
  readonly modules: ReadonlySet<string>;
}

export async function describeWheel(path: string): Promise<Wheel> {
  return { path, name: wheelName(path).name, sha256: await sha256File(path) };
}

export async function wheelFacts(path: string): Promise<WheelFacts> {
  const names: string[] = [];
  let entryPoints = '';
  const zip = await openPromise(path, { autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      names.push(entry.fileName);
      if (/^[^/]+\.dist-info\/entry_points\.txt$/.test(entry.fileName)) entryPoints = await text(zip, entry);
    }
  } finally {
    zip.close();
  }
  const modules = new Set(names.flatMap(modulesOf));
  const { name, version } = wheelName(path);
  return { name, version, scripts: consoleScripts(entryPoints), modules };
}

/** By name, what the wheel's scripts call: `module:function`. */
export async function wheelScripts(path: string): Promise<ReadonlyMap<string, string>> {
  return scriptTargets(await wheelText(path, /^[^/]+\.dist-info\/entry_points\.txt$/));
}

/** Whether a file is a compiled module or library, by its name. */
export function isNative(name: string): boolean {
  return /\.(?:so(?:\.[\d.]+)?|pyd|dll|dylib)$/.test(name);
}

/** The first compiled module or library in a wheel; null for one of Python alone. */
export async function nativeFile(path: string): Promise<string | null> {
  const zip = await openPromise(path, { autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      if (isNative(entry.fileName)) return entry.fileName;
    }
  } finally {
    zip.close();
  }
  return null;
}

/** Files of a wheel that are installed as executable, which no line of `RECORD` tells. */
export async function executableFiles(path: string): Promise<readonly string[]> {
  const found: string[] = [];
  const zip = await openPromise(path, { autoClose: false });
  try {
    for await (const { fileName, externalFileAttributes } of zip.eachEntry()) {
      const mode = externalFileAttributes >>> 16;
      if ((mode & 0o111) !== 0 && !fileName.endsWith('/')) found.push(fileName);
    }
  } finally {
    zip.close();
  }
  return found;
}

/** Names of `[console_scripts]` and `[gui_scripts]` in an `entry_points.txt`. */
export function consoleScripts(entryPoints: string): string[] {
  return [...scriptTargets(entryPoints).keys()];
}

/** By name, what a script calls: `module:function`. */
function scriptTargets(entryPoints: string): ReadonlyMap<string, string> {
  let section = '';
  const found = new Map<string, string>();
  for (const raw of entryPoints.split('\n')) {
    const line = raw.trim();
    const header = /^\[(.+)\]$/.exec(line)?.[1];
    if (header !== undefined) section = header.trim();
    else if (section === 'console_scripts' || section === 'gui_scripts') {
      const [, name, target] = /^([^=#;]+?)\s*=\s*([^[]*)/.exec(line) ?? [];
      if (name !== undefined && !found.has(name)) found.set(name, (target ?? '').replaceAll(/\s/g, ''));
    }
  }
  return found;
}

/** `a/b.py` is `a.b` and makes `a` a package, whether it has an `__init__` or not. */
export function modulesOf(file: string): string[] {
  const inWheel = file.replace(/^[^/]+\.data\/(?:purelib|platlib)\//, '');
  const stem = /^(.+?)(?:\.py|\.(?:cpython-|abi3|pypy)[^/]*\.so|\.so)$/.exec(inWheel)?.[1];
  if (stem === undefined || /(^|\/)[^/]*-info\//.test(inWheel)) return [];
  const parts = stem.split('/');
  const last = parts.at(-1) === '__init__' ? parts.length - 1 : parts.length;
  return Array.from({ length: last }, (_, index) => parts.slice(0, index + 1).join('.'));
}

async function text(zip: ZipFile, entry: ZipEntry): Promise<string> {
  return (await buffer(await zip.openReadStreamPromise(entry))).toString('utf8');
}

/** The lines of `RECORD`: path, hash and size of every file. Empty for a wheel without one. */
export async function wheelRecord(path: string): Promise<string> {
  return wheelText(path, /^[^/]+\.dist-info\/RECORD$/);
}

async function wheelText(path: string, name: RegExp): Promise<string> {
  const zip = await openPromise(path, { autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      if (name.test(entry.fileName)) return await text(zip, entry);
    }
  } finally {
    zip.close();
  }
  return '';
}
