import { join } from 'node:path';
import { interpreterRecord, layoutInterpreter, pexInterpreter } from '../layout/interpreter.ts';
import { freshLayout } from '../layout/layout.ts';
import { oneFileLayout } from '../layout/oneFile.ts';
import { openPackages } from '../layout/venv/packages.ts';
import { pexTool, pexVersion } from '../toolchain/pex.ts';
import type { Builder } from './builder.ts';
import { buildPex, buildPexRoot } from './pex.ts';

/** PEX's own cache for the watched programs: private, so that the first boot is as cold as a user's. */
const rootOf = (work: string): string => join(work, 'pex-root');

export const pexBuilder: Builder = {
  name: 'pex',
  ending: '.pex',
  version: (setting) => pexVersion(setting),
  fetch: async (version, interpreter, context) => {
    const { locked, sha256 } = await pexTool(version, interpreter, context);
    return locked ? null : sha256;
  },
  needs: () => null,
  accept: async () => {},
  build: async ({ plan, wheelhouse, layout, file, folder, mayReuse, context }) => {
    const { log } = context;
    if (layout !== 'venv') {
      const artifact = await log.stage('Build the zipapp PEX', () =>
        buildPex(plan, wheelhouse, layout, file, context),
      );
      return { ...(await oneFileLayout(file)), artifact };
    }
    const { project, dependencies } = wheelhouse;
    const wheels = project === null ? dependencies : [project, ...dependencies];
    const packages = openPackages({ wheels, destination: folder, mayReuse }, context);
    try {
      const artifact = await log.stage('Build the PEX', () =>
        buildPex(plan, wheelhouse, layout, file, context),
      );
      const laidOut = await log.stage('Lay out the venv', async () =>
        freshLayout({
          pex: file,
          destination: folder,
          interpreter: plan.interpreter.path,
          tool: (await pexTool(plan.builder.version, plan.interpreter, context)).folder,
          packages,
          pexRoot: buildPexRoot(context.env),
          context,
          script: plan.entry.kind === 'script' ? plan.entry.name : null,
        }),
      );
      return { ...laidOut, artifact };
    } finally {
      await packages.drop();
    }
  },
  environment: ({ work }) => ({ PEX_ROOT: rootOf(work) }),
  packagerFiles: ({ program, work, layout, folder }) =>
    layout === 'venv'
      ? ['pex', 'pex-repl', '__main__.py'].map((name) => join(folder, name))
      : [`${program}/.bootstrap/`, `${program}/__main__.py`, join(rootOf(work), 'bootstraps')],
  interpreter: async ({ layout, folder, program }, _plan, context, state) => {
    // A zipapp's own boot picks an interpreter on PATH: it is asked when it is warm.
    if (layout !== 'venv' && state === 'cold') return null;
    const asked = layout === 'venv' ? layoutInterpreter(folder, context) : pexInterpreter(program, context);
    // One that doesn't run is the smoke's to tell.
    const found = await asked.catch(() => null);
    return found === null ? null : interpreterRecord(found);
  },
};
