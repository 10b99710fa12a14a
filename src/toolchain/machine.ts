import { readFile } from 'node:fs/promises';
import * as v from 'valibot';

/** What compiled code is bound to. */
export interface Machine {
  readonly os: string;
  readonly architecture: string;
  /** `glibc 2.31`, `musl`; null where there is none to tell. */
  readonly libc: string | null;
  /** `debian 11`, of `/etc/os-release`. */
  readonly distribution: string;
}

export async function machine(): Promise<Machine> {
  return {
    os: process.platform,
    architecture: process.arch,
    libc: libc(),
    distribution: await distribution(),
  };
}

const reportSchema = v.object({ header: v.object({ glibcVersionRuntime: v.optional(v.string()) }) });

/** Node's own C library is the machine's. */
function libc(): string | null {
  if (process.platform !== 'linux') return null;
  // Otherwise the report looks up the names of all peers, which can take seconds.
  Object.assign(process.report, { excludeNetwork: true });
  const report = v.safeParse(reportSchema, process.report.getReport());
  const glibc = report.success ? report.output.header.glibcVersionRuntime : undefined;
  return glibc === undefined ? 'musl' : `glibc ${glibc}`;
}

/** `debian 12`; for systems without the file, what Node knows. */
async function distribution(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const value = (name: string): string =>
    new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(text)?.[1] ?? 'unknown';
  return text === '' ? process.platform : `${value('ID')} ${value('VERSION_ID')}`;
}
