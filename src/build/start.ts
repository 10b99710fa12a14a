import { basename, dirname } from 'node:path';
import type { BuildPlan, Entry, Wheelhouse } from './model.ts';
import { wheelScripts } from './wheelFile.ts';

/** What a packed program does first, in the terms of Python alone. */
export interface Start {
  readonly module: string;
  /** What of the module is called, dotted; null: the module runs as `__main__`. */
  readonly attribute: string | null;
  /** A folder beside the packed packages, relative, that is to be first on `sys.path`. */
  readonly beside: string | null;
  /** A file that is packed as a module of its own, as `module`: its path. */
  readonly file: string | null;
}

/** The package that a file is packed in which no wheel has. */
export const FILE_PACKAGE = '_exitproof_file';

/** Throws where no wheel has the script, which the plan has made sure of. */
export async function startOf(
  plan: Pick<BuildPlan, 'entry' | 'source'>,
  wheelhouse: Wheelhouse,
): Promise<Start> {
  const { entry } = plan;
  switch (entry.kind) {
    case 'script':
      return called(await scriptTarget(entry.name, wheelhouse));
    case 'function':
      return called(entry.target);
    case 'module':
      return { module: entry.name, attribute: null, beside: null, file: null };
    case 'file':
      return ofFile(entry, plan.source.kind, wheelhouse);
  }
}

function called(target: string): Start {
  const [module = '', attribute = ''] = target.split(':');
  return { module, attribute, beside: null, file: null };
}

async function scriptTarget(script: string, { project, dependencies }: Wheelhouse): Promise<string> {
  for (const wheel of project === null ? dependencies : [project, ...dependencies]) {
    const target = (await wheelScripts(wheel.path)).get(script);
    if (target !== undefined) return target;
  }
  throw new Error(`no wheel has the script ${script}`);
}

/** Python puts the folder of the file that it runs on its path: what lies beside that file is imported by name. */
function ofFile(
  { path }: Extract<Entry, { kind: 'file' }>,
  source: BuildPlan['source']['kind'],
  { sources }: Wheelhouse,
): Start {
  if (sources === null) throw new Error('a wheelhouse without sources has no file to run');
  const stem = basename(path, '.py');
  const folder = dirname(path);
  const beside = source === 'folder' && folder !== '.' ? folder : null;
  const isModule = /^[A-Za-z_]\w*$/.test(stem) && path.endsWith('.py') && stem !== '__main__';
  if (source === 'folder' && isModule) return { module: stem, attribute: null, beside, file: null };
  const moved = path === '__main__.py' ? sources.main : null;
  const name = stem === '__main__' ? 'main' : stem.replaceAll(/\W/g, '_');
  const file = moved ?? `${sources.folder}/${path}`;
  return { module: `${FILE_PACKAGE}.${name}`, attribute: null, beside, file };
}

/** Python that does it; `wrap` puts it into a function of that name, for packagers that call one. */
export function startCode({ module, attribute, beside }: Start, wrap: string | null = null): string {
  const lines: string[] = [];
  if (beside !== null) {
    lines.push(
      'import os, sys',
      `sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ${JSON.stringify(beside)}))`,
    );
  }
  if (attribute === null) {
    const quoted = JSON.stringify(module);
    lines.push('import runpy', `runpy.run_module(${quoted}, run_name="__main__", alter_sys=True)`);
  } else {
    const [top = ''] = attribute.split('.');
    lines.push('import sys', `from ${module} import ${top}`, `sys.exit(${attribute}())`);
  }
  if (wrap === null) return `${lines.join('\n')}\n`;
  return `def ${wrap}():\n${lines.map((line) => `    ${line}\n`).join('')}`;
}
