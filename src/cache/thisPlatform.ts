import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import type { KeyMaterial } from './key.ts';

const reportHeader = v.object({
  header: v.object({ glibcVersionRuntime: v.optional(v.string()) }),
  sharedObjects: v.optional(v.array(v.string())),
});

/** The machine as compiled code sees it. */
export function thisPlatform(): KeyMaterial['platform'] {
  return {
    os: process.platform,
    architecture: process.arch,
    libc: libc(),
    distribution: distribution(),
  };
}

/** Of the C library that Node itself runs on, which is the machine's. */
function libc(): string | null {
  if (process.platform !== 'linux') return null;
  const report = v.safeParse(reportHeader, process.report.getReport());
  if (!report.success) return null;
  const { header, sharedObjects = [] } = report.output;
  if (header.glibcVersionRuntime !== undefined) return `glibc ${header.glibcVersionRuntime}`;
  return sharedObjects.some((file) => file.includes('ld-musl-')) ? 'musl' : null;
}

function distribution(): string {
  try {
    return parseOsRelease(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return 'unknown';
  }
}

/** `debian 11` of an `os-release(5)` file. */
export function parseOsRelease(text: string): string {
  const value = (name: string): string =>
    new RegExp(`^${name}=["']?([^"'\\n]*)["']?$`, 'm').exec(text)?.[1] ?? '';
  return `${value('ID') || 'unknown'} ${value('VERSION_ID')}`.trim();
}
