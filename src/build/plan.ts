import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Cache } from '../cache/openStore.ts';
import { normaliseName } from '../packageIndex/wheelName.ts';
import { problem } from '../problem.ts';
import type { ToolContext } from '../toolchain/context.ts';
import { findInterpreter } from '../toolchain/interpreter.ts';
import { builderOf } from './builders.ts';
import { entryFromSources, entryFromWheels } from './entry.ts';
import { findRepository, type Repository } from './git.ts';
import type { BuildInput } from './input.ts';
import { findLock } from './lock.ts';
import type { BuildPlan, Entry } from './model.ts';
import { refuseOutput } from './outputPlace.ts';
import { type ProjectMetadata, readProject } from './pyproject.ts';
import { requirementName } from './requirements.ts';
import { insideFile, NO_SOURCES, scriptsIn, sourceFacts } from './sourceFacts.ts';
import { wheelFacts } from './wheelFile.ts';
import { buildWheelhouse } from './wheelhouse.ts';
import type { WheelPlan } from './workshop.ts';

/** The earliest time that a zip can hold. */
const NO_COMMIT = 315532800;
const SHOWN_SCRIPTS = 4;

/**
 * Answers every setting that was left open, and says where each answer came from. Where only the wheels can tell
 * what the entry point is (a requirement, a setup.py), they are built here and handed on in `ready`.
 * Throws settings problems for what the user must decide or mend; nothing has run then.
 */
export async function planBuild(
  input: BuildInput,
  context: ToolContext,
  cache: Cache | null = null,
): Promise<BuildPlan> {
  const builder = builderOf(input.builder);
  const folder = input.project === null ? null : projectFolder(input.project);
  if (folder === null && input.requirement.length === 0) {
    throw problem('settings', 'There is neither a project nor a requirement to build.');
  }
  const metadata = folder === null ? null : readProject(folder);
  const source = sourceOf(folder, metadata, input);
  refuseUnknownExtras(metadata, input.extras);
  refuseOutput(resolve(input.output));
  const lock = findLock(folder, input.requirements);
  const [repository, interpreter] = await Promise.all([
    folder === null ? null : findRepository(folder, context),
    findInterpreter({
      python: input.python,
      project: folder,
      requiresPython: metadata?.requiresPython ?? null,
      path: context.env['PATH'] ?? '',
      ...context,
    }),
  ]);
  refuseShallowVersion(metadata, repository, context);

  const version = builder.version(input.builderVersion, input.builderArgs, interpreter);
  // A version that was never published is better known before the wheels are built.
  const fetched = input.builderVersion === null ? null : await builder.fetch(version, interpreter, context);
  const draft: WheelPlan = {
    source,
    repository,
    requirement: input.requirement,
    distribution: metadata?.name ?? null,
    extras: input.extras,
    lock,
    interpreter,
    builder: { name: builder.name, version, args: input.builderArgs, sha256: fetched },
    sourceDateEpoch: sourceDateEpoch(context, repository),
    output: resolve(input.output),
  };
  return { ...draft, ...(await settleEntry(draft, metadata, input.entryPoint, context, cache)) };
}

function projectFolder(project: string): string {
  const folder = resolve(project);
  if (!existsSync(folder)) throw problem('settings', `project: there is no folder ${project}.`);
  if (!statSync(folder).isDirectory()) throw problem('settings', `project: ${project} is not a folder.`);
  return folder;
}

function sourceOf(
  folder: string | null,
  metadata: ProjectMetadata | null,
  input: BuildInput,
): BuildPlan['source'] {
  if (folder === null) return { kind: 'requirement' };
  if (metadata !== null) return { kind: 'project', folder };
  const runnable = input.entryPoint !== null || existsSync(resolve(folder, '__main__.py'));
  if (runnable) return { kind: 'folder', folder };
  throw problem('settings', `${input.project} has no pyproject.toml with a project and no setup.py.`, {
    hint: `Set \`project\` to the folder that has, \`entry-point\` to a file to pack${candidates(folder)}, or \`requirement\` to build from the index.`,
  });
}

function candidates(folder: string): string {
  const files = scriptsIn(folder);
  if (files.length === 0) return '';
  const more = files.length > SHOWN_SCRIPTS ? ', …' : '';
  return ` (here: ${files.slice(0, SHOWN_SCRIPTS).join(', ')}${more})`;
}

/** pip only warns of these, and the smoke then misses what was meant to be in. */
function refuseUnknownExtras(metadata: ProjectMetadata | null, extras: readonly string[]): void {
  const known = metadata?.extras ?? null;
  const unknown = extras.find((extra) => known !== null && !known.includes(normaliseName(extra)));
  if (unknown === undefined || known === null) return;
  throw problem('settings', `extras: the project has no extra "${unknown}".`, {
    hint: known.length === 0 ? 'It has none at all.' : `It has: ${known.join(', ')}.`,
  });
}

/** Without the tags the version would come out wrong, and nobody would notice. */
function refuseShallowVersion(
  metadata: ProjectMetadata | null,
  repository: Repository | null,
  context: ToolContext,
): void {
  if (metadata === null || metadata.versionFrom === null || repository?.shallow !== true) return;
  const pretended = Object.keys(context.env).some((name) =>
    /^(SETUPTOOLS_SCM_PRETEND_VERSION|PBR_VERSION)/.test(name),
  );
  if (pretended) return;
  throw problem(
    'settings',
    `The version comes from git (${metadata.versionFrom}), but this is a shallow clone without the history to tell it.`,
    { hint: 'Give actions/checkout `fetch-depth: 0`, or run `git fetch --unshallow --tags`.' },
  );
}

function sourceDateEpoch(context: ToolContext, repository: Repository | null): number {
  const set = Number(context.env['SOURCE_DATE_EPOCH'] ?? Number.NaN);
  if (Number.isInteger(set) && set >= 0) return Math.max(set, NO_COMMIT);
  return Math.max(repository?.commitTime ?? NO_COMMIT, NO_COMMIT);
}

async function settleEntry(
  draft: WheelPlan,
  metadata: ProjectMetadata | null,
  wanted: string | null,
  context: ToolContext,
  cache: Cache | null,
): Promise<Pick<BuildPlan, 'entry' | 'ready'>> {
  const { source } = draft;
  const unaided =
    draft.lock.kind === 'unlocked' && draft.requirement.length === 0 && draft.extras.length === 0;
  const alone = unaided && (metadata?.standsAlone ?? true);
  const facts = source.kind === 'requirement' ? NO_SOURCES : sourceFacts(source.folder, metadata, alone);
  const asked = wanted ?? (source.kind === 'folder' ? '__main__.py' : null);
  const early = entryFromSources(asked, facts);
  if (early !== null) return { entry: relativeFile(early, source), ready: null };
  const ready = await buildWheelhouse(draft, context, cache);
  const names = new Set(draft.requirement.map((line) => normaliseName(requirementName(line) ?? '')));
  const isOwn = (name: string): boolean =>
    ready.project === null ? names.has(name) : ready.project.name === name;
  const wheels = [...(ready.project === null ? [] : [ready.project]), ...ready.dependencies];
  const all = await Promise.all(wheels.map((wheel) => wheelFacts(wheel.path)));
  const own = all.filter((wheel) => isOwn(wheel.name));
  const entry = entryFromWheels(
    asked,
    facts,
    own,
    all.filter((wheel) => !own.includes(wheel)),
  );
  return { entry: relativeFile(entry, source), ready };
}

function relativeFile(entry: Entry, source: BuildPlan['source']): Entry {
  if (entry.kind !== 'file' || source.kind === 'requirement') return entry;
  return { ...entry, path: insideFile(source.folder, entry.path) ?? entry.path };
}
