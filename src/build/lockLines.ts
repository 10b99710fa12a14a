import { sha256Of } from '../digest.ts';
import type { Pinned } from '../packageIndex/choose.ts';
import { isSameVersion, normaliseName, wheelName } from '../packageIndex/wheelName.ts';
import type { Wheel } from './model.ts';
import { requirementLines, requirementName } from './requirements.ts';

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

/** As an index can be asked for it; null where only pip knows what is meant. */
export function pinnedOf({ text, name, sha256 }: LockLine): Pinned | null {
  const [, version, marker = null, options = ''] = PIN.exec(text) ?? [];
  const hashes = options.trim().split(/\s+--hash[= ]/).length;
  if (version === undefined || hashes !== sha256.length) return null;
  return { name, version, sha256, marker };
}

const PIN =
  /^[\w.-]+\s*(?:\[[^\]]*\])?\s*==\s*([\w.+!]+)\s*(?:;\s*((?:(?!\s--).)+?))?((?:\s+--hash[= ]sha256:[0-9a-f]{64})+)$/;

/** The line that a wheel stands for; several where the lock has one for each system. */
export function linesOf({ requirements }: LockLines, path: string): readonly LockLine[] {
  const wheel = wheelName(path);
  return requirements.filter(
    ({ name, version }) => name === wheel.name && (version === null || isSameVersion(version, wheel.version)),
  );
}

/** It is none of the files that the lock names: pip has built it from one that is. */
export function isBuiltHere(lines: LockLines, { path, sha256 }: Wheel): boolean {
  const named = linesOf(lines, path).flatMap((line) => line.sha256);
  return named.length > 0 && !named.includes(sha256);
}
