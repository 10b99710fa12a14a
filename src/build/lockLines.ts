import { eq, valid } from '@renovatebot/pep440';
import { sha256Of } from '../digest.ts';
import type { Wheel } from './model.ts';
import { requirementLines, requirementName } from './requirements.ts';
import { normaliseName, wheelName } from './wheelFile.ts';

/** One requirement of a lock, with the hashes of all files that may stand for it. */
export interface LockLine {
  readonly text: string;
  /** Normalised. */
  readonly name: string;
  /** Null for an address. */
  readonly version: string | null;
  readonly sha256: readonly string[];
  /** Over the name and the hashes: what is built from them may be taken for it. */
  readonly digest: string;
}

export interface LockLines {
  readonly requirements: readonly LockLine[];
  /** Of pip, that stand in the lock. */
  readonly options: readonly string[];
}

export function lockLines(texts: readonly string[]): LockLines {
  const lines = texts.flatMap((text) => requirementLines(text)).map(({ text }) => text);
  const isOption = (line: string): boolean => line.startsWith('-');
  return {
    requirements: lines.filter((line) => !isOption(line)).map(lockLine),
    options: lines.filter(isOption),
  };
}

function lockLine(text: string): LockLine {
  const name = normaliseName(requirementName(text) ?? '');
  const version = /^[^@;=\s]+\s*==\s*([^\s;]+)/.exec(text)?.[1] ?? null;
  const hashes = [...text.matchAll(/--hash[= ](\w+:[0-9a-f]+)/g)].map(([, hash = '']) => hash).sort();
  const sha256 = hashes.flatMap((hash) => (hash.startsWith('sha256:') ? [hash.slice('sha256:'.length)] : []));
  const digest = sha256Of(JSON.stringify([name, hashes]));
  return { text, name, version, sha256, digest };
}

/** The line that a wheel stands for; several where the lock has one for each system. */
export function linesOf({ requirements }: LockLines, path: string): readonly LockLine[] {
  const wheel = wheelName(path);
  return requirements.filter(
    ({ name, version }) => name === wheel.name && (version === null || isSame(version, wheel.version)),
  );
}

/** It is none of the files that the lock names: pip has built it from one that is. */
export function isBuiltHere(lines: LockLines, { path, sha256 }: Wheel): boolean {
  const named = linesOf(lines, path).flatMap((line) => line.sha256);
  return named.length > 0 && !named.includes(sha256);
}

function isSame(version: string, other: string): boolean {
  return valid(version) !== null && valid(other) !== null ? eq(version, other) : version === other;
}
