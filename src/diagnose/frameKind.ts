import type { Frame } from '../report/model.ts';
import { STDLIB_MODULES } from './stdlibModules.ts';

/**
 * - `user`: the project's own, or code without a file (`-c`, `exec`)
 * - `installed`: another distribution's
 * - `packager`: of PEX, shiv or PyInstaller
 */
export type FrameKind = 'user' | 'installed' | 'stdlib' | 'packager' | 'native';

/** What the kind of a frame depends on beside its own path. */
export interface FrameKnowledge {
  /** The project's distribution name, normalised (`my-app`); null where it has none. */
  readonly distribution: string | null;
  /** Whether a path below an import root (`uploader/worker.py`) is a module of the project. */
  readonly ownsModule: (path: string) => boolean;
  /** Prefixes of the packager's own files, beside those that every run has. */
  readonly packagerFiles: readonly string[];
}

export const NO_KNOWLEDGE: FrameKnowledge = {
  distribution: null,
  ownsModule: () => false,
  packagerFiles: [],
};

const PACKAGER =
  /\/\.bootstrap\/|\/bootstraps\/(?:\d+\/)?[0-9a-f]{40,}[^/]*\/|\/__pex__\/|\/unzipped_pexes\/(?:\d+\/)?[0-9a-f]{40,}[^/]*\/(?:__main__|pex|pex-repl)(?:\.py)?$|\/venvs\/(?:\d+\/)?(?:s\/)?[0-9a-f]{8,}[^/]*\/(?:[0-9a-f]{8,}[^/]*\/)?(?:__main__\.py|pex|pex-repl)$|\/_bootstrap\/(?:__init__|environment|filelock|interpreter)\.py$|^pyi(?:mod|boot|_rth)|\/PyInstaller\/(?:loader|hooks)\//u;
const WHEEL = /\/(?:installed_wheels|\.deps)\/(?:\d+\/)?(?:[0-9a-f]{40,}\/)?([^/]+?)-[^/]*\.whl\/(.+)$/u;
const SITE = /\/(?:site-packages|dist-packages)\/(.+)$/u;
const STDLIB =
  /\/lib(?:64)?\/python\d+(?:\.\d+t?)?\/|\/python\d+\.zip\/|\/base_library\.zip\/|\/pypy\d[\d.]*\/lib/u;
/** Code that is made up at run time; only what the user typed or passed by `-c` is the user's. */
const PSEUDO_USER = /^<(?:string|stdin|unknown)>$/u;

export function frameKind(frame: Frame, knowledge: FrameKnowledge): FrameKind {
  if (frame.native === true) return 'native';
  const file = frame.file?.replaceAll('\\', '/') ?? null;
  if (file === null) return 'user';
  if (file.startsWith('<frozen ')) return 'stdlib';
  if (file.startsWith('<')) return PSEUDO_USER.test(file) ? 'user' : 'installed';
  if (PACKAGER.test(file) || knowledge.packagerFiles.some((prefix) => file.startsWith(prefix)))
    return 'packager';
  const wheel = WHEEL.exec(file);
  if (wheel !== null) return ofDistribution(wheel[1] ?? '', wheel[2] ?? '', knowledge);
  const site = SITE.exec(file)?.[1];
  if (site !== undefined) return ofSite(site, knowledge);
  if (STDLIB.test(file)) return 'stdlib';
  return isRelative(file) ? ofRelative(file, knowledge) : 'user';
}

function ofDistribution(distribution: string, path: string, knowledge: FrameKnowledge): FrameKind {
  if (knowledge.distribution !== null && normalised(distribution) === normalised(knowledge.distribution))
    return 'user';
  return ofSite(path, knowledge);
}

/** What PEX calls a file that it runs, which was given by its path. */
export const PEX_EXECUTABLE = '__pex_executable__.py';

function ofSite(path: string, knowledge: FrameKnowledge): FrameKind {
  if (path === PEX_EXECUTABLE || knowledge.ownsModule(path)) return 'user';
  return path.startsWith('pex/') || path.startsWith('shiv/') ? 'packager' : 'installed';
}

/** A frozen program's module path (`threading.py`, `requests/api.py`), or a script started by its relative path. */
function ofRelative(file: string, knowledge: FrameKnowledge): FrameKind {
  if (knowledge.ownsModule(file)) return 'user';
  const top = file.split('/')[0]?.replace(/\.pyc?$/u, '') ?? '';
  return STDLIB_MODULES.has(top) ? 'stdlib' : 'user';
}

function isRelative(file: string): boolean {
  return !file.startsWith('/') && !/^[A-Za-z]:\//u.test(file);
}

/** As PEP 503 compares names. */
export function normalised(name: string): string {
  return name.replaceAll(/[-_.]+/gu, '-').toLowerCase();
}

/** The path below the import root, as far as the packaged path shows one: `uploader/worker.py`. */
export function modulePath(file: string): string | null {
  const path = file.replaceAll('\\', '/');
  const wheel = WHEEL.exec(path)?.[2];
  if (wheel !== undefined) return wheel;
  const site = SITE.exec(path)?.[1];
  if (site !== undefined) return site;
  const below =
    /\/(?:user_code|unzipped_pexes)\/(?:\d+\/)?[0-9a-f]{40,}[^/]*\/(.+)$/u.exec(path)?.[1] ??
    /\.(?:pyz|zip|pex|whl|egg)\/(.+)$/u.exec(path)?.[1];
  if (below !== undefined) return below;
  return isRelative(path) && !path.startsWith('<') ? path : null;
}
