import { chmod, copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { oneFileLayout } from '../layout/oneFile.ts';
import { makeWay } from '../layout/place.ts';
import { problem } from '../problem.ts';
import type { ToolContext } from '../toolchain/context.ts';
import { mustRun } from '../toolchain/exec.ts';
import { toolEnvironment } from '../toolchain/toolEnvironment.ts';
import type { Builder, BuildRequest } from './builder.ts';
import { type Flags, readFlags } from './builderArgs.ts';
import type { BuildPlan, Wheelhouse } from './model.ts';
import { shebangInterpreter } from './shebang.ts';
import { installSite, shebangOf } from './site.ts';
import { startCode, startOf } from './start.ts';
import { nativeFile } from './wheelFile.ts';

/** Those of `python -m zipapp` that are no setting of exitproof's. */
const FLAGS: Flags = { '--compress': 'alone', '-c': 'alone', '--python': 'value', '-p': 'value' };

/**
 * What `python -m zipapp` writes, but in a fixed order and with fixed times. Folders have entries of their own: until
 * Python 3.13 a package without `__init__` isn't found in a zip without them.
 */
const PACK = `
import os, stat, sys, time, zipfile
site, target, shebang, epoch, compress = sys.argv[1:]
when = time.gmtime(int(epoch))[:6]
method = zipfile.ZIP_DEFLATED if compress == "yes" else zipfile.ZIP_STORED
names = []
for folder, folders, files in os.walk(site):
    folders[:] = [name for name in folders if name != "__pycache__"]
    inside = os.path.relpath(folder, site)
    names += [os.path.normpath(os.path.join(inside, name)) + "/" for name in folders]
    names += [os.path.normpath(os.path.join(inside, name)) for name in files if not name.endswith(".pyc")]
with open(target, "wb") as file:
    file.write(b"#!" + os.fsencode(shebang) + b"\\n")
    with zipfile.ZipFile(file, "w") as archive:
        for name in sorted(names):
            info = zipfile.ZipInfo(name, when)
            info.external_attr = os.stat(os.path.join(site, name)).st_mode << 16
            if name.endswith("/"):
                info.external_attr |= 0x10
                archive.writestr(info, b"")
                continue
            info.compress_type = method
            with open(os.path.join(site, name), "rb") as source:
                archive.writestr(info, source.read())
`;

/** The zipapp of the standard library: one file that Python runs in place, so that nothing compiled can be in it. */
export const zipappBuilder: Builder = {
  name: 'zipapp',
  ending: '.pyz',
  version: (setting, args, { version }) => {
    if (setting !== null) {
      throw problem(
        'settings',
        `builder-version: got "${setting}", takes nothing with the builder zipapp, which is of Python's own version.`,
      );
    }
    readFlags('zipapp', args, FLAGS);
    return version;
  },
  fetch: async () => null,
  needs: () => null,
  accept: refuseNative,
  build: async (request) => {
    const { file, context } = request;
    await context.log.stage('Build the zipapp', () => buildZipapp(request));
    return oneFileLayout(file);
  },
  environment: () => ({}),
  packagerFiles: ({ program }, plan) => (isOwnMain(plan) ? [] : [`${program}/__main__.py`]),
  interpreter: ({ program }, _plan, context) => shebangInterpreter(program, context),
};

async function refuseNative(_plan: BuildPlan, { project, dependencies }: Wheelhouse): Promise<void> {
  for (const { path, name } of project === null ? dependencies : [project, ...dependencies]) {
    const native = await nativeFile(path);
    if (native === null) continue;
    throw problem(
      'settings',
      `builder: zipapp can't pack ${name}, whose ${native} is compiled and can't be imported from a zip.`,
      { hint: 'Set `builder` to pex or shiv, which unpack what they run.' },
    );
  }
}

/** A folder's own `__main__.py` is what Python runs in a zip, as it is. */
function isOwnMain({ source, entry }: BuildPlan): boolean {
  return source.kind === 'folder' && entry.kind === 'file' && entry.path === '__main__.py';
}

async function buildZipapp({ plan, wheelhouse, file, context }: BuildRequest): Promise<void> {
  const start = await startOf(plan, wheelhouse);
  const own = isOwnMain(plan) ? start.file : null;
  const site = await installSite(plan, wheelhouse, own === null ? start : { ...start, file: null }, context);
  const main = join(site, '__main__.py');
  if (own === null) await writeFile(main, startCode(start));
  else await copyFile(own, main);
  await chmod(main, 0o644);
  const flags = readFlags('zipapp', plan.builder.args, FLAGS);
  const shebang = flags.findLast(({ value }) => value !== null)?.value ?? shebangOf(plan.interpreter);
  const compress = flags.some(({ value }) => value === null) ? 'yes' : 'no';
  await makeWay(file);
  const args = ['-I', '-c', PACK, site, file, shebang, String(plan.sourceDateEpoch), compress];
  await run(plan, args, context);
}

async function run(plan: BuildPlan, args: readonly string[], context: ToolContext): Promise<void> {
  const env = toolEnvironment(context.env);
  await mustRun({ tool: plan.interpreter.path, args, env, cwd: context.work }, context, 'Packing the zipapp');
}
