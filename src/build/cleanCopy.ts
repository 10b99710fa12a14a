import { constants, existsSync } from 'node:fs';
import { copyFile, cp, lstat, mkdir, readdir, readlink, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { LAYOUT_FILE } from '../layout/manifest.ts';
import { BUILT_SIGN } from '../layout/place.ts';
import { mapBounded } from '../pool.ts';
import type { ToolContext } from '../toolchain/context.ts';
import { git, type Repository } from './git.ts';

/** What earlier builds, tools and environments leave beside sources, and no build needs. */
const LEFTOVERS = new Set([
  '.git',
  '.hg',
  '.svn',
  '.exitproof',
  '.venv',
  '.tox',
  '.nox',
  '.eggs',
  '__pycache__',
  '.mypy_cache',
  '.pytest_cache',
  '.ruff_cache',
  '.cache',
  'node_modules',
]);

/** Ignored files that a build may need (a generated version, bundled assets) are copied up to this size. */
const IGNORED_LIMIT = 256 * 1024 * 1024;

/** At a time. */
const COPIES = 8;

export interface CleanCopy {
  /** The copy of the project's folder. */
  readonly project: string;
  /** The copy's root: the repository's, so that what a project reaches beside itself is there. */
  readonly root: string;
  /** The original of `root`. */
  readonly original: string;
}

/**
 * Copies the project as it stands into `destination`, without what earlier builds left: a stale `build/` would ship
 * modules that were deleted since, and building in place would change the checkout. git works in the copy too, so
 * that a version taken from tags comes out the same, and writes nothing to the original repository.
 */
export async function cleanCopy(
  request: {
    readonly project: string;
    readonly repository: Repository | null;
    /** Where there is no repository: the folder to copy, the project's or one above it. */
    readonly root: string;
    readonly output: string;
    readonly destination: string;
  },
  context: ToolContext,
): Promise<CleanCopy> {
  const { project, repository, destination } = request;
  const root = repository?.root ?? request.root;
  const files = repository === null ? [] : await repositoryFiles(root, request, context);
  await mkdir(destination, { recursive: true });
  const tracked = new Set(files);
  if (repository === null) {
    await copyTree(root, { root, destination, output: request.output, tracked, budget: null });
  } else {
    await mapBounded(files, COPIES, (file) => copyOne(root, destination, file));
    await copyIgnored({ root, project, destination, output: request.output, tracked }, context);
    await linkRepository(repository, destination);
  }
  return { project: join(destination, relative(root, project)), root: destination, original: root };
}

async function repositoryFiles(
  root: string,
  { project, output }: { readonly project: string; readonly output: string },
  context: ToolContext,
): Promise<string[]> {
  const [tracked, untracked] = await Promise.all([
    git(['ls-files', '-z', '--cached', '--recurse-submodules'], root, context),
    git(['ls-files', '-z', '--others', '--exclude-standard', '--full-name'], project, context),
  ]);
  const beside = (untracked ?? '').split('\0').filter((file) => file !== '');
  const outputs = [...new Set([relative(root, output), ...outputsAmong(beside)])].filter(
    (folder) => folder !== '' && !folder.startsWith('..'),
  );
  const isMade = (file: string): boolean => outputs.some((folder) => file.startsWith(`${folder}/`));
  const own = beside.filter((file) => !isLeftover(file) && !isMade(file));
  return [...(tracked ?? '').split('\0'), ...own].filter((file) => file !== '');
}

export function isLeftover(file: string): boolean {
  return file.split('/').some((part) => LEFTOVERS.has(part) || part.endsWith('.egg-info'));
}

/** Where builders put a folder, in whatever folder was `output` then; and what lies in it then. */
const LAYOUT = 'layout';
const SIGNS = [LAYOUT_FILE, BUILT_SIGN, 'PEX-INFO'];

/** Folders that were an earlier `output`. Of the top, which is no folder to be left out, its layout alone. */
function outputsAmong(files: readonly string[]): readonly string[] {
  return files.flatMap((file) => {
    const sign = SIGNS.map((name) => `${LAYOUT}/${name}`).find(
      (name) => file === name || file.endsWith(`/${name}`),
    );
    if (sign === undefined) return [];
    return file === sign ? [LAYOUT] : [file.slice(0, -sign.length - 1)];
  });
}

interface TreeCopy {
  readonly root: string;
  readonly destination: string;
  readonly output: string;
  readonly tracked: ReadonlySet<string>;
  /** Bytes left for ignored files; null: no limit. */
  readonly budget: { left: number } | null;
}

async function copyIgnored(
  request: Omit<TreeCopy, 'budget'> & { readonly project: string },
  context: ToolContext,
): Promise<void> {
  const args = [
    'ls-files',
    '-z',
    '--others',
    '--ignored',
    '--exclude-standard',
    '--directory',
    '--full-name',
  ];
  const ignored = ((await git(args, request.project, context)) ?? '')
    .split('\0')
    .filter((path) => path !== '');
  for (const path of ignored) {
    const budget = { left: IGNORED_LIMIT };
    const plain = path.replace(/\/$/, '');
    await copyTree(plain === '.' ? request.root : join(request.root, plain), { ...request, budget });
    if (budget.left < 0) {
      context.log.notice(
        `${plain} is ignored by git and larger than 256 MB: the rest of it is left out of the build.`,
      );
    }
  }
}

async function copyTree(path: string, copy: TreeCopy): Promise<void> {
  if (copy.budget !== null && copy.budget.left < 0) return;
  const name = relative(copy.root, path);
  if (name !== '' && isLeftover(name)) return;
  if (name !== '' && path === resolve(copy.output)) return;
  const info = await lstat(path).catch(() => null);
  if (info === null) return;
  if (!info.isDirectory()) {
    if (name.endsWith('.pyc') || name.endsWith('.pyo')) return;
    if (copy.budget !== null) copy.budget.left -= info.size;
    if (copy.budget === null || copy.budget.left >= 0) await copyOne(copy.root, copy.destination, name);
    return;
  }
  const names = await readdir(path);
  if (name !== '' && names.includes(LAYOUT) && isLayout(join(path, LAYOUT))) return;
  if (isLayout(path) || names.includes('pyvenv.cfg') || isBuildOutput(path, names)) return;
  for (const child of names) await copyTree(join(path, child), copy);
}

function isLayout(path: string): boolean {
  return basename(path) === LAYOUT && SIGNS.some((sign) => existsSync(join(path, sign)));
}

/** setuptools' `build/`, by its contents: a project may well have sources in a folder of that name. */
function isBuildOutput(path: string, names: readonly string[]): boolean {
  return (
    /(^|[/\\])build$/.test(path) &&
    names.some((name) => /^(lib|bdist|temp|scripts-)([.-].*|\d.*)?$/.test(name))
  );
}

async function copyOne(root: string, destination: string, file: string): Promise<void> {
  const from = join(root, file);
  const to = join(destination, file);
  const info = await lstat(from).catch(() => null);
  // Deleted in the working tree, but still in git's index.
  if (info === null) return;
  await mkdir(dirname(to), { recursive: true });
  if (info.isSymbolicLink()) {
    const target = await readlink(from);
    const absolute = resolve(dirname(from), target);
    const inside = !relative(root, absolute).startsWith('..');
    await symlink(isAbsolute(target) || inside ? target : absolute, to).catch(ignoreExisting);
  } else if (info.isFile()) {
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    await utimes(to, info.atime, info.mtime);
  } else if (info.isDirectory()) {
    await mkdir(to, { recursive: true });
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

/** As `git worktree add` does it, but known to the copy alone: index and HEAD of its own, objects and refs shared. */
async function linkRepository(repository: Repository, destination: string): Promise<void> {
  const own = `${destination}.git`;
  await mkdir(own, { recursive: true });
  for (const name of ['HEAD', 'index']) {
    const from = join(repository.gitDir, name);
    if (existsSync(from)) await cp(from, join(own, name));
  }
  await writeFile(join(own, 'commondir'), `${repository.commonDir}\n`);
  await writeFile(join(own, 'gitdir'), `${join(destination, '.git')}\n`);
  await writeFile(join(destination, '.git'), `gitdir: ${own}\n`);
}
