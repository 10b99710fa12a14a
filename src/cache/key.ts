import { sha256Of } from '../digest.ts';
import { LAYOUT_FORMAT } from '../layout/manifest.ts';
import type { Machine } from '../toolchain/machine.ts';
import { cacheLabel } from './label.ts';

export interface KeyMaterial {
  /** What the entries are about, for people who look at a list of them: the distribution's name. */
  readonly name: string;
  /** Tells what is in the project's wheel, whose own bytes differ by build: its `RECORD`. Null without a project. */
  readonly projectRecord: string | null;
  /** Over the files that are packed as they stand, where there are any. */
  readonly sources: string | null;
  readonly dependencies: readonly { readonly name: string; readonly sha256: string }[];
  /** What was asked for by name, extras in brackets: packagers write it down, or pack more of it. */
  readonly asked: readonly string[];
  /** File names of all wheels: a `linux_*` one was built for this very distribution. */
  readonly wheels: readonly string[];
  readonly python: {
    readonly implementation: string;
    /** X.Y.Z */
    readonly version: string;
    readonly soabi: string;
    /** What it says of its own build, where it is packed with the program; else null. */
    readonly build: string | null;
  };
  readonly platform: Machine;
  readonly builder: {
    readonly name: string;
    readonly version: string;
    readonly args: readonly string[];
    readonly entry: string;
    readonly layout: string;
  };
  /** `cache-suffix` of the settings. */
  readonly suffix: string | null;
  /** Of the store: an entry that was packed in another way is never found. */
  readonly compression: string;
}

export interface KeyPart {
  readonly name: string;
  readonly value: string;
}

export interface CacheKey {
  /** At most 512 characters, no comma, no path. */
  readonly key: string;
  /** As printed: every part that the key is made of, the rarely changing ones first. */
  readonly parts: readonly KeyPart[];
  /** Beginnings under which the nearest other entry is looked for, the longest first. */
  readonly prefixes: readonly string[];
}

/** The key of a checked layout. No path of this machine goes into it. */
export function cacheKey(material: KeyMaterial): CacheKey {
  const parts = partsOf(material);
  const head = `exitproof-layout-${LAYOUT_FORMAT}-${cacheLabel(material.name)}-`;
  const digests = parts.map((part) => sha256Of(`${part.name}\0${part.value}`).slice(0, DIGEST_LENGTH));
  const whole = sha256Of(JSON.stringify(parts)).slice(0, 32);
  // Without the first: entries of another format have another beginning anyway.
  const prefixes = digests.map(
    (_, count) =>
      `${head}${digests
        .slice(0, count)
        .map((d) => `${d}.`)
        .join('')}`,
  );
  return { key: `${head}${digests.join('.')}.${whole}`, parts, prefixes: prefixes.slice(1).reverse() };
}

const DIGEST_LENGTH = 12;

/** The names of the parts in which another entry's key differs; null where it is no key of this form. */
export function changedParts(key: CacheKey, other: string): readonly string[] | null {
  const mine = digestsOf(key.key);
  const theirs = digestsOf(other);
  if (mine === null || theirs === null || mine.length !== theirs.length) return null;
  return key.parts.filter((_, index) => mine[index] !== theirs[index]).map((part) => part.name);
}

function digestsOf(key: string): string[] | null {
  const [, listed = ''] = /-([0-9a-f.]+)\.[0-9a-f]{32}(?:\.[2-9])?$/.exec(key) ?? [];
  const digests = listed.split('.');
  return digests.length > 0 && digests.every((part) => /^[0-9a-f]{12}$/.test(part)) ? digests : null;
}

function partsOf(material: KeyMaterial): KeyPart[] {
  const { platform, python, builder } = material;
  const local = material.wheels.some((wheel) => /-(?:[^-]*\.)?linux_[^-]*\.whl$/.test(wheel));
  const dependencies = material.dependencies.map(({ name, sha256 }) => `${name} ${sha256}`).sort();
  const asked = material.asked.map((name) => `asked ${name}`).sort();
  const { implementation, version, soabi, build } = python;
  return [
    { name: 'format', value: String(LAYOUT_FORMAT) },
    { name: 'platform', value: [platform.os, platform.architecture, platform.libc ?? 'no libc'].join(' ') },
    // A wheel that was compiled here fits this release only, and with an interpreter go libraries of the system.
    { name: 'distribution', value: local || build !== null ? platform.distribution : 'any' },
    { name: 'compression', value: material.compression },
    {
      name: 'python',
      value: [implementation, version, soabi, ...(build === null ? [] : [quoted(build)])].join(' '),
    },
    // Quoted: two arguments are not one with a space, and what users write stays on its line.
    {
      name: 'builder',
      value: [builder.name, builder.version, builder.layout, ...builder.args.map(quoted)].join(' '),
    },
    { name: 'entry', value: quoted(builder.entry) },
    { name: 'suffix', value: material.suffix === null ? 'none' : quoted(material.suffix) },
    {
      name: 'dependencies',
      value: `${dependencies.length}: ${sha256Of([...dependencies, ...asked].join('\n')).slice(0, 32)}`,
    },
    { name: 'project', value: projectDigest(material) },
  ];
}

function projectDigest({ projectRecord, sources }: KeyMaterial): string {
  if (projectRecord === null && sources === null) return 'none';
  const record = (projectRecord ?? '')
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .sort();
  return sha256Of(JSON.stringify([record, sources])).slice(0, 32);
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
