import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Frame, SourceLine } from '../report/model.ts';
import { statsOf } from '../stats.ts';
import type { SourceText } from './facts.ts';
import { modulePath, PEX_EXECUTABLE } from './frameKind.ts';
import { candidatesFor, filesNamed, type ProjectFiles } from './project.ts';
import { readZipEntry } from './zipEntry.ts';

const LIMIT = 4 * 1024 * 1024;

/** Finds the checkout's line for a packaged one. Reads files, of the checkout none outside of it. */
export interface SourceMap extends SourceText {
  readonly locate: (frame: Frame) => SourceLine | null;
}

export function sourceMap(project: ProjectFiles): SourceMap {
  const found = new Map<string, Found | null>();
  const find = (frame: Frame): Found | null => {
    if (frame.file === null || frame.native === true || frame.file.startsWith('<')) return null;
    const known = found.get(frame.file);
    if (known !== undefined) return known;
    const fresh = findFile(frame.file, project);
    found.set(frame.file, fresh);
    return fresh;
  };
  const locate = (frame: Frame) => {
    const file = find(frame);
    return file === null ? null : lineIn(file, frame);
  };
  return {
    locate,
    fileText: (frame) => find(frame)?.lines.join('\n') ?? null,
    functionBody: (frame) => {
      const file = find(frame);
      const line = locate(frame)?.line;
      return file === null || line === undefined ? null : bodyAround(file.lines, frame.function, line);
    },
  };
}

interface Found {
  /** Relative to the checkout. */
  readonly path: string;
  readonly lines: readonly string[];
  /** Of the packaged file: null where it is the very same text. */
  readonly packaged: readonly string[] | null;
  readonly exact: boolean;
}

function findFile(file: string, project: ProjectFiles): Found | null {
  const direct = insideCheckout(file, project);
  if (direct !== null) return direct;
  const packaged = readPackaged(file);
  const module = modulePath(file);
  const name = file.slice(file.lastIndexOf('/') + 1);
  const likely = module === null ? [] : candidatesFor(module, project);
  const named = name === PEX_EXECUTABLE ? filesAsLong(packaged, project) : filesNamed(name, project);
  const texts = [...new Set([...likely, ...named.slice(0, 300)])].flatMap((path) => {
    const text = readInside(path, project);
    return text === null ? [] : [{ path, text, likely: likely.includes(path) }];
  });
  if (packaged !== null) {
    const same = texts.find(({ text }) => digest(text) === digest(packaged));
    if (same !== undefined)
      return { path: same.path, lines: linesOf(same.text), packaged: null, exact: true };
  }
  // Without the same content only the same module path says that it is the same file.
  const best = texts.filter((one) => one.likely);
  const [only] = best;
  if (only === undefined || best.length > 1) return null;
  return {
    path: only.path,
    lines: linesOf(only.text),
    packaged: packaged === null ? null : linesOf(packaged),
    exact: false,
  };
}

/** For a file whose name says nothing: the checkout's that could have the same content. */
function filesAsLong(text: string | null, { checkout, files }: ProjectFiles): readonly string[] {
  const length = text === null ? 0 : Buffer.byteLength(text);
  return length === 0 ? [] : files.filter((path) => statsOf(join(checkout, path))?.size === length);
}

/** A file of the checkout that runs where it lies. Copies that were built into it aren't listed. */
function insideCheckout(file: string, project: ProjectFiles): Found | null {
  const real = resolved(file);
  if (real === null) return null;
  const path = relative(project.checkout, real).split(sep).join('/');
  if (path.startsWith('../') || !project.files.includes(path)) return null;
  const text = readInside(path, project);
  return text === null ? null : { path, lines: linesOf(text), packaged: null, exact: true };
}

function readInside(path: string, project: ProjectFiles): string | null {
  const real = resolved(join(project.checkout, path));
  // A link that the repository carries may point anywhere.
  if (real === null || !real.startsWith(project.checkout + sep)) return null;
  return readText(real);
}

function readPackaged(file: string): string | null {
  const plain = readText(file);
  if (plain !== null) return plain;
  // `app.pyz/main.py`: the archive is the longest prefix that is a file.
  for (let at = file.lastIndexOf('/'); at > 0; at = file.lastIndexOf('/', at - 1)) {
    const archive = file.slice(0, at);
    if (isFile(archive)) return readZipEntry(archive, file.slice(at + 1))?.toString('utf8') ?? null;
  }
  return null;
}

function lineIn(file: Found, frame: Frame): SourceLine | null {
  const { path, lines } = file;
  const line = frame.line ?? 0;
  if (file.exact)
    return line >= 1 && line <= lines.length ? { path, line, exact: true } : definition(file, frame);
  // A frozen program carries no source: its line is the checkout's, as far as the function's own lines say so.
  if (file.packaged === null && isInside(lines, frame.function, line)) return { path, line, exact: false };
  const wanted = file.packaged?.[line - 1]?.trim() ?? '';
  const matches = wanted === '' ? [] : lines.flatMap((text, at) => (text.trim() === wanted ? [at] : []));
  const best = matches.toSorted(
    (a, b) =>
      likeness(file, line - 1, b) - likeness(file, line - 1, a) || Math.abs(a - line) - Math.abs(b - line),
  )[0];
  return best === undefined ? definition(file, frame) : { path, line: best + 1, exact: false };
}

/** How many of the lines around are the same too. */
function likeness({ lines, packaged }: Found, from: number, to: number): number {
  const offsets = [-4, -3, -2, -1, 1, 2, 3, 4];
  return offsets.filter((offset) => {
    const here = packaged?.[from + offset]?.trim();
    return here !== undefined && here !== '' && here === lines[to + offset]?.trim();
  }).length;
}

/** Where the line itself is gone, the line that defines the function. */
function definition({ path, lines }: Found, frame: Frame): SourceLine | null {
  const at = lines.findIndex((text) => definesFunction(text, frame.function));
  return at === -1 ? null : { path, line: at + 1, exact: false };
}

function definesFunction(text: string, name: string): boolean {
  const defined = /^\s*(?:async\s+)?def\s+(\w+)/u.exec(text)?.[1];
  return defined !== undefined && defined === name;
}

/** Whether the line belongs to the nearest function of that name above it. */
function isInside(lines: readonly string[], name: string, line: number): boolean {
  const start = lines.slice(0, line).findLastIndex((text) => definesFunction(text, name));
  const indent = lines[start]?.search(/\S/u) ?? -1;
  if (start === -1 || (lines[line - 1] ?? '').trim() === '') return false;
  return lines.slice(start + 1, line).every((text) => text.trim() === '' || text.search(/\S/u) > indent);
}

/** From the `def` at or above the line to the last line that is indented deeper. */
function bodyAround(lines: readonly string[], name: string, line: number): readonly string[] | null {
  let start = line - 1;
  while (start >= 0 && !definesFunction(lines[start] ?? '', name)) start--;
  const head = lines[start];
  if (start < 0 || head === undefined) return null;
  const indent = head.search(/\S/u);
  const end = lines.findIndex((text, at) => at >= line && text.trim() !== '' && text.search(/\S/u) <= indent);
  return lines.slice(start, end === -1 ? lines.length : end);
}

function resolved(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

function isFile(path: string): boolean {
  return statsOf(path)?.isFile() ?? false;
}

function readText(path: string): string | null {
  try {
    const stats = statsOf(path);
    // A FIFO or a device in its place would hold us up.
    return stats?.isFile() === true && stats.size <= LIMIT ? readFileSync(path, 'utf8') : null;
  } catch {
    return null;
  }
}

const linesOf = (text: string) => text.split(/\r\n|\n|\r/u);
const digest = (text: string) => createHash('sha256').update(text).digest('hex');
