import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { oneFileLayout } from '../layout/oneFile.ts';
import { makeWay } from '../layout/place.ts';
import { mustRun } from '../toolchain/exec.ts';
import { lockDigest } from '../toolchain/lockFile.ts';
import { packagerTool, packagerVersion } from '../toolchain/packager.ts';
import { toolEnvironment } from '../toolchain/toolEnvironment.ts';
import type { Builder, BuildRequest } from './builder.ts';
import { type Flags, readFlags } from './builderArgs.ts';
import { shebangInterpreter } from './shebang.ts';
import { installSite, shebangOf } from './site.ts';
import { type Start, startCode, startOf } from './start.ts';

/** Any other word shiv hands on to pip, which would install what no lock has seen. */
const FLAGS: Flags = {
  '--compressed': 'alone',
  '--uncompressed': 'alone',
  '--compile-pyc': 'alone',
  '--extend-pythonpath': 'alone',
  '-E': 'alone',
  '--no-modify': 'alone',
  '--reproducible': 'alone',
  '--build-id': 'value',
  '--python': 'value',
  '-p': 'value',
  '--root': 'value',
};

/** shiv packs its own boot in the order in which the file system lists it. */
const RUN = `
import sys
sys.path.insert(0, sys.argv.pop(1))
from shiv import builder, cli
listed = getattr(builder, "iter_package_files", None)
if listed:
    builder.iter_package_files = lambda package: sorted(listed(package), key=lambda found: found[1])
sys.argv[0] = "shiv"
cli.main()
`;

const START = '_exitproof_start';

export const shivBuilder: Builder = {
  name: 'shiv',
  ending: '.pyz',
  version: (setting, args, interpreter) => {
    readFlags('shiv', args, FLAGS);
    return packagerVersion('shiv', setting, interpreter);
  },
  fetch: async (version, interpreter, context) =>
    (await packagerTool('shiv', version, interpreter, context)).sha256,
  needs: () => lockDigest('shiv'),
  accept: async () => {},
  build: async (request) => {
    const { file, context } = request;
    await context.log.stage('Build the shiv', () => buildShiv(request));
    return oneFileLayout(file);
  },
  environment: ({ work }) => ({ SHIV_ROOT: rootOf(work) }),
  packagerFiles: ({ program }) => [`${program}/_bootstrap/`, `${program}/__main__.py`],
  interpreter: ({ program }, _plan, context) => shebangInterpreter(program, context),
};

/** Where the watched programs unpack themselves: private, so that the first boot is as cold as a user's. */
const rootOf = (work: string): string => join(work, 'shiv-root');

async function buildShiv({ plan, wheelhouse, file, context }: BuildRequest): Promise<void> {
  const { folder: tool } = await packagerTool('shiv', plan.builder.version, plan.interpreter, context);
  const start = await startOf(plan, wheelhouse);
  const site = await installSite(plan, wheelhouse, start, context);
  const entry = await entryOf(start, site);
  await makeWay(file);
  await mustRun(
    {
      tool: plan.interpreter.path,
      args: ['-I', '-c', RUN, tool, ...shivArguments(plan, entry, site, file)],
      env: toolEnvironment(context.env, {
        SOURCE_DATE_EPOCH: String(plan.sourceDateEpoch),
        LC_ALL: 'C.UTF-8',
      }),
      cwd: context.work,
    },
    context,
    `shiv ${plan.builder.version}`,
  );
}

/** What `shiv` is given; the site's and the file's own path do not get into it. */
export function shivArguments(
  { builder, interpreter }: Pick<BuildRequest['plan'], 'builder' | 'interpreter'>,
  entry: string,
  site: string,
  file: string,
): string[] {
  return [
    ...['--python', shebangOf(interpreter)],
    ...builder.args,
    ...['--reproducible', '--entry-point', entry, '--site-packages', site, '--output-file', file],
  ];
}

/** shiv calls a function: what runs as a module gets one. */
async function entryOf(start: Start, site: string): Promise<string> {
  if (start.attribute !== null) return `${start.module}:${start.attribute}`;
  await writeFile(join(site, `${START}.py`), startCode(start, 'main'));
  await chmod(join(site, `${START}.py`), 0o644);
  return `${START}:main`;
}
