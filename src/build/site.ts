import { copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ToolContext } from '../toolchain/context.ts';
import { mustRun } from '../toolchain/exec.ts';
import { normaliseModes } from '../toolchain/modes.ts';
import { privatePip } from '../toolchain/pip.ts';
import { ownToolEnvironment } from '../toolchain/toolEnvironment.ts';
import type { BuildPlan, Wheelhouse } from './model.ts';
import { FILE_PACKAGE, type Start } from './start.ts';

/** `/usr/bin/env python3.12`: an interpreter's path of this machine has no place in what is shipped. */
export function shebangOf({ implementation, version }: BuildPlan['interpreter']): string {
  const minor = version.split('.').slice(0, 2).join('.');
  return `/usr/bin/env ${implementation === 'PyPy' ? 'pypy' : 'python'}${minor}`;
}

/**
 * All wheels installed into one folder, with the project's own files where those are packed as they are. The same wheels
 * give the same files, modes too, whoever builds where.
 */
export async function installSite(
  plan: BuildPlan,
  wheelhouse: Wheelhouse,
  start: Start,
  context: ToolContext,
): Promise<string> {
  const site = join(context.work, 'site');
  await rm(site, { recursive: true, force: true });
  await mkdir(site, { recursive: true });
  const wheels = [...wheelhouse.dependencies, ...(wheelhouse.project === null ? [] : [wheelhouse.project])];
  if (wheels.length > 0) {
    const pip = await privatePip(plan.interpreter, context);
    // By name, not by path: pip would write the path down.
    const pins = wheels.map(({ name, path }) => `${name}==${basename(path).split('-')[1] ?? ''}`);
    const how = ['--no-deps', '--no-index', '--find-links', wheelhouse.folder, '--no-compile', '--pre'];
    const args = ['-I', pip.path, 'install', '--target', site, ...how, ...pins];
    const env = ownToolEnvironment(context.env);
    await mustRun({ tool: plan.interpreter.path, args, env }, context, 'Installing the wheels');
  }
  await normaliseScripts(site, shebangOf(plan.interpreter));
  if (plan.source.kind === 'folder' && wheelhouse.sources !== null) {
    await cp(wheelhouse.sources.folder, site, { recursive: true });
  }
  if (start.file !== null) {
    const folder = join(site, FILE_PACKAGE);
    await mkdir(folder);
    await writeFile(join(folder, '__init__.py'), '');
    await copyFile(start.file, join(folder, `${start.module.slice(FILE_PACKAGE.length + 1)}.py`));
  }
  await normaliseModes(site);
  return site;
}

/** pip writes the interpreter's path into scripts, and their hash into RECORD. */
async function normaliseScripts(site: string, shebang: string): Promise<void> {
  const bin = join(site, 'bin');
  const names = await readdir(bin).catch(() => []);
  const changed = new Set<string>();
  for (const name of names) {
    const bytes = await readFile(join(bin, name)).catch(() => null);
    if (bytes === null || bytes.subarray(0, 3).toString('latin1') !== '#!/') continue;
    const text = bytes.toString('utf8');
    const [first = ''] = text.split('\n', 1);
    // `#!/bin/sh` with `'''exec' "…/python"` stands where the path is too long or has a space.
    const head = /^#!\/bin\/sh\n'''exec' .*\n' '''\n/.exec(text)?.[0] ?? `${first}\n`;
    if (!/python|pypy/.test(head)) continue;
    await writeFile(join(bin, name), `#!${shebang}\n${text.slice(head.length)}`);
    changed.add(name);
  }
  if (changed.size === 0) return;
  for (const name of await readdir(site)) {
    if (!name.endsWith('.dist-info')) continue;
    const record = join(site, name, 'RECORD');
    const text = await readFile(record, 'utf8').catch(() => null);
    if (text === null) continue;
    const lines = text.split('\n').map((line) => {
      const script = /^(?:\.\.\/)*bin\/([^,]+),/.exec(line)?.[1];
      return script !== undefined && changed.has(script) ? `${line.slice(0, line.indexOf(','))},,` : line;
    });
    await writeFile(record, lines.join('\n'));
  }
}
