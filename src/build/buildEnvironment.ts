import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import type { PrivatePip, ToolContext } from '../toolchain/context.ts';
import { mustRun } from '../toolchain/exec.ts';
import type { FoundInterpreter } from '../toolchain/interpreter.ts';
import { machine } from '../toolchain/machine.ts';
import { cacheRoot } from '../toolchain/paths.ts';
import type { BuildSystem } from './buildSystem.ts';
import { plainPipSettings } from './plainPip.ts';
import { sourcesDigest } from './sourcesDigest.ts';

/** An environment with what a build backend needs, and nothing else. */
export interface BuildEnvironment {
  readonly folder: string;
  readonly python: string;
  /** `hatchling 1.27.0`, with the hash of the file that the index gave; null where pip tells none. */
  readonly packages: readonly {
    readonly name: string;
    readonly version: string;
    readonly sha256: string | null;
  }[];
  /** When its packages were resolved; ISO 8601, UTC. */
  readonly resolved: string;
}

export interface EnvironmentRequest {
  readonly system: BuildSystem;
  readonly interpreter: FoundInterpreter;
  readonly pip: PrivatePip;
  /** Of pip, with its index settings. */
  readonly env: Readonly<Record<string, string>>;
}

/** Milliseconds. `requires` is seldom pinned: in time a newer backend has to be found. */
const AGE = 24 * 60 * 60 * 1000;
/** Milliseconds that nobody needs to finish one. */
const HALF_DONE = 60 * 60 * 1000;
const FORMAT = 1;
const RECEIPT = 'exitproof.json';

/**
 * The environment of these build requirements and this interpreter: one that was made in the last day, as it was made,
 * or else a new one. Null where pip's own isolation has to be used: its settings bend what is chosen or built, a
 * requirement is an address, or the installation failed, which pip then tells in its own words.
 */
export async function buildEnvironment(
  request: EnvironmentRequest,
  context: ToolContext,
): Promise<BuildEnvironment | null> {
  const key = await keyOf(request);
  if (key === null) return null;
  const root = join(cacheRoot(context.env), 'build-environments');
  const kept = await newest(root, key);
  if (kept !== null) return kept;
  // Scripts name their interpreter by path, so it is made where it stays; nobody looks at it before its receipt is there.
  const folder = join(root, `${key}-${randomBytes(4).toString('hex')}`);
  try {
    await sweep(root);
    return await make(folder, request, context);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if (context.cancel?.aborted === true) throw error;
    context.log.debug(
      `no build environment is kept: ${error instanceof Error ? error.message : String(error)}`,
    );
    return null;
  }
}

async function keyOf({ system, interpreter, pip, env }: EnvironmentRequest): Promise<string | null> {
  if (process.platform === 'win32' || system.requires.some((line) => line.includes('@'))) return null;
  const python = await realpath(interpreter.path);
  const settings = plainPipSettings(env, dirname(dirname(interpreter.path)));
  if (settings === null) return null;
  const { version, soabi, platform } = interpreter;
  const where = [interpreter.path, python, version, soabi, platform, ...Object.values(await machine())];
  const parts = [FORMAT, system.requires, where, pip.version, settings];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

async function make(
  folder: string,
  { system, interpreter, pip, env }: EnvironmentRequest,
  context: ToolContext,
): Promise<BuildEnvironment> {
  const python = join(folder, 'bin', 'python');
  const resolved = new Date().toISOString();
  await mkdir(dirname(folder), { recursive: true });
  const venv = { tool: interpreter.path, args: ['-I', '-m', 'venv', '--without-pip', folder], env };
  await mustRun(venv, context, 'Making the build environment');
  // It names indexes, and those may have logins: it lies where nothing is kept.
  const report = join(context.work, 'build-requirements.json');
  if (system.requires.length > 0) {
    const args = ['install', '--report', report, '--no-warn-script-location', '--', ...system.requires];
    const install = { tool: python, args: ['-I', pip.path, ...args], env };
    await mustRun(install, context, 'Installing the build requirements');
  }
  const packages = system.requires.length > 0 ? installed(await readFile(report, 'utf8')) : [];
  const receipt = { digest: await sourcesDigest(folder), resolved, packages };
  const part = join(folder, `${RECEIPT}.part`);
  await writeFile(part, `${JSON.stringify(receipt)}\n`);
  await rename(part, join(folder, RECEIPT));
  return { folder, python, packages, resolved };
}

const packageSchema = v.object({
  name: v.string(),
  version: v.string(),
  sha256: v.nullable(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
});
const receiptSchema = v.object({
  digest: v.string(),
  resolved: v.string(),
  packages: v.array(packageSchema),
});

/** The last one of that key that is whole and not too old. */
async function newest(root: string, key: string): Promise<BuildEnvironment | null> {
  const found: { readonly folder: string; readonly receipt: v.InferOutput<typeof receiptSchema> }[] = [];
  for (const name of await readdir(root).catch(() => [])) {
    if (!name.startsWith(`${key}-`)) continue;
    const folder = join(root, name);
    const receipt = await receiptOf(folder);
    if (receipt !== null && isRecent(receipt.resolved, AGE)) found.push({ folder, receipt });
  }
  found.sort((a, b) => (a.receipt.resolved < b.receipt.resolved ? 1 : -1));
  for (const { folder, receipt } of found) {
    const { digest, packages, resolved } = receipt;
    // A backend that wrote into its own environment, or anybody else who did, has spoilt it for the next build.
    if ((await sourcesDigest(folder, [RECEIPT]).catch(() => null)) !== digest) continue;
    return { folder, python: join(folder, 'bin', 'python'), packages, resolved };
  }
  return null;
}

async function receiptOf(folder: string): Promise<v.InferOutput<typeof receiptSchema> | null> {
  const text = await readFile(join(folder, RECEIPT), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    const parsed = v.safeParse(receiptSchema, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/** Removes what is too old to be taken, once no job can be building with it any more. */
async function sweep(root: string): Promise<void> {
  for (const name of await readdir(root).catch(() => [])) {
    const folder = join(root, name);
    const receipt = await receiptOf(folder);
    const made = receipt?.resolved ?? (await madeAt(folder));
    if (isRecent(made, HALF_DONE + (receipt === null ? 0 : AGE))) continue;
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

async function madeAt(folder: string): Promise<string> {
  return (await lstat(folder).catch(() => null))?.mtime.toISOString() ?? new Date().toISOString();
}

/** A time to come is none that this machine's clock can have given. */
function isRecent(time: string, age: number): boolean {
  const since = Date.now() - Date.parse(time);
  return since >= -HALF_DONE && since < age;
}

const reportSchema = v.object({
  install: v.array(
    v.object({
      metadata: v.object({ name: v.string(), version: v.string() }),
      download_info: v.object({
        archive_info: v.optional(
          v.object({ hashes: v.optional(v.object({ sha256: v.optional(v.string()) })) }),
        ),
      }),
    }),
  ),
});

function installed(report: string): BuildEnvironment['packages'] {
  return v.parse(reportSchema, JSON.parse(report)).install.map(({ metadata, download_info }) => ({
    name: metadata.name,
    version: metadata.version,
    sha256: download_info.archive_info?.hashes?.sha256 ?? null,
  }));
}
