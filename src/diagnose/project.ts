import { execFile } from 'node:child_process';
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The project's own files, as the checkout has them: what a packaged file is compared with. */
export interface ProjectFiles {
  /** Absolute, without links. */
  readonly checkout: string;
  /** The project's distribution name; null where it has none. */
  readonly distribution: string | null;
  /** Python files relative to the checkout, with `/`. */
  readonly files: readonly string[];
}

const LIMIT = { files: 20_000, folders: 5_000, depth: 16 };
const SKIPPED =
  /^(?:\..*|node_modules|__pycache__|site-packages|dist-packages|venv|env|build|dist|.*\.egg-info)$/u;

/** Reads the names of a checkout's Python files: git's where it is a repository, else by a bounded walk. */
export async function projectFiles(checkout: string, distribution: string | null): Promise<ProjectFiles> {
  const root = await realpath(checkout);
  const files = (await listedByGit(root)) ?? (await walked(root));
  return { checkout: root, distribution, files: files.slice(0, LIMIT.files) };
}

async function listedByGit(root: string): Promise<string[] | null> {
  const argv = ['-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', '*.py'];
  try {
    const options = { timeout: 10_000, maxBuffer: 64 * 1024 * 1024, encoding: 'utf8' } as const;
    const { stdout } = await promisify(execFile)('git', argv, options);
    const files = [...new Set(stdout.split('\0'))].filter((file) => file !== '');
    return files.length > 0 ? files : null;
  } catch {
    // No git, no repository, or one that belongs to somebody else.
    return null;
  }
}

async function walked(root: string): Promise<string[]> {
  const files: string[] = [];
  const folders: { path: string; depth: number }[] = [{ path: '', depth: 0 }];
  for (let seen = 0; seen < LIMIT.folders && files.length < LIMIT.files; seen++) {
    const folder = folders.shift();
    if (folder === undefined) break;
    const entries = await readdir(join(root, folder.path), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = folder.path === '' ? entry.name : `${folder.path}/${entry.name}`;
      // Links are left alone: they lead out, or in circles.
      if (entry.isFile() && entry.name.endsWith('.py')) files.push(path);
      if (entry.isDirectory() && folder.depth < LIMIT.depth && !SKIPPED.test(entry.name)) {
        folders.push({ path, depth: folder.depth + 1 });
      }
    }
  }
  return files;
}

/**
 * Which of the checkout's files could be the module of this path below an import root. A folder with an
 * `__init__.py` above it is a package: there the module would have a longer path.
 */
export function candidatesFor(module: string, project: ProjectFiles): string[] {
  return index(project).byModule(module);
}

interface Index {
  readonly byModule: (module: string) => string[];
  readonly byName: (name: string) => readonly string[];
}

const indexes = new WeakMap<ProjectFiles, Index>();

function index(project: ProjectFiles): Index {
  const known = indexes.get(project);
  if (known !== undefined) return known;
  const packages = new Set(project.files.filter((file) => /(?:^|\/)__init__\.py$/u.test(file)).map(folderOf));
  const names = new Map<string, string[]>();
  for (const file of project.files) {
    const name = file.slice(file.lastIndexOf('/') + 1);
    names.set(name, [...(names.get(name) ?? []), file]);
  }
  const byName = (name: string) => names.get(name) ?? [];
  const byModule = (module: string) =>
    byName(module.slice(module.lastIndexOf('/') + 1)).filter((file) => {
      if (file === module) return true;
      return file.endsWith(`/${module}`) && !packages.has(file.slice(0, -module.length - 1));
    });
  const made = { byModule, byName };
  indexes.set(project, made);
  return made;
}

/** All files of that base name, for packaged files whose import root can't be seen. */
export function filesNamed(name: string, project: ProjectFiles): readonly string[] {
  return index(project).byName(name);
}

function folderOf(file: string): string {
  const at = file.lastIndexOf('/');
  return at === -1 ? '' : file.slice(0, at);
}
