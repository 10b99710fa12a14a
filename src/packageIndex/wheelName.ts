import { basename } from 'node:path';
import { eq, valid } from '@renovatebot/pep440';

/** What the name of a wheel's file says, which the format guarantees (PEP 427). */
export interface WheelName {
  /** Normalised. */
  readonly name: string;
  readonly version: string;
  /** Each of its compressed tags: `py2.py3-none-any` is two. Empty where the name is none of a wheel. */
  readonly tags: readonly string[];
}

/** PEP 503. */
export function normaliseName(name: string): string {
  return name.replaceAll(/[-_.]+/g, '-').toLowerCase();
}

export function wheelName(file: string): WheelName {
  const parts = basename(file, '.whl').split('-');
  const [name = '', version = ''] = parts;
  const isWhole = parts.length === 5 || parts.length === 6;
  const [pythons = [], abis = [], platforms = []] = parts.slice(-3).map((part) => part.split('.'));
  const tags = pythons.flatMap((python) =>
    abis.flatMap((abi) => platforms.map((platform) => `${python}-${abi}-${platform}`.toLowerCase())),
  );
  return { name: normaliseName(name), version, tags: isWhole ? tags : [] };
}

/** `1.0` and `1.0.0` are. */
export function isSameVersion(version: string, other: string): boolean {
  return valid(version) !== null && valid(other) !== null ? eq(version, other) : version === other;
}
