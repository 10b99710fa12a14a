import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { ToolContext } from '../toolchain/context.ts';
import { type CleanCopy, cleanCopy } from './cleanCopy.ts';
import type { Sources } from './model.ts';
import { sourcesDigest } from './sourcesDigest.ts';
import type { WheelPlan, Workshop } from './workshop.ts';

/** Null for a requirement, which has none here. */
export async function copySources(plan: WheelPlan, context: ToolContext): Promise<CleanCopy | null> {
  if (plan.source.kind === 'requirement') return null;
  const { folder } = plan.source;
  const destination = join(context.work, 'source');
  await rm(destination, { recursive: true, force: true });
  await rm(`${destination}.git`, { recursive: true, force: true });
  const repository = plan.source.kind === 'project' ? plan.repository : null;
  const lockRoot = plan.lock.kind === 'uv' ? dirname(plan.lock.path) : folder;
  const root = relative(lockRoot, folder).startsWith('..') ? folder : lockRoot;
  return await cleanCopy({ project: folder, repository, root, output: plan.output, destination }, context);
}

/** What is packed as it stands; a folder's `__main__.py` is laid aside. */
export async function sourcesOf(workshop: Workshop): Promise<Sources | null> {
  const { plan, copy } = workshop;
  if (copy === null) return null;
  if (plan.source.kind === 'project') return { folder: copy.project, main: null, sha256: null };
  const sha256 = await sourcesDigest(copy.project);
  const main = join(workshop.context.work, 'main', '__main__.py');
  const original = join(copy.project, '__main__.py');
  if (!existsSync(original)) return { folder: copy.project, main: null, sha256 };
  await mkdir(dirname(main), { recursive: true });
  await rename(original, main);
  return { folder: copy.project, main, sha256 };
}
