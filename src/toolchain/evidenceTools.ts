import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EvidenceTools, NO_TOOLS } from '../evidence/tools.ts';
import { isProblem } from '../problem.ts';
import type { Interpreter } from '../report/model.ts';
import type { ToolContext } from './context.ts';
import { findOnPath } from './findOnPath.ts';
import { installLocked } from './installLocked.ts';
import { installOnce } from './installOnce.ts';
import { lockDigest } from './lockFile.ts';
import { cacheRoot } from './paths.ts';

/**
 * py-spy and pystack, installed once for this Python's ABI, and gdb where the machine has it. Never throws: a run
 * without them still has a verdict, and `missing` says what the report then lacks.
 */
export async function evidenceTools(
  interpreter: (Interpreter & { readonly soabi: string; readonly platform: string }) | null,
  context: ToolContext,
): Promise<EvidenceTools> {
  const gdb = findOnPath('gdb', context.env['PATH']);
  if (interpreter === null) return { ...NO_TOOLS, gdb, missing: 'no Python to run py-spy and pystack with' };
  try {
    const folder = await install(interpreter, context);
    return {
      pySpy: present(join(folder, 'bin', 'py-spy')),
      pystack: present(join(folder, 'bin', 'exitproof-pystack')),
      gdb,
      missing: null,
    };
  } catch (error) {
    const reason = isProblem(error) || error instanceof Error ? error.message : String(error);
    return { ...NO_TOOLS, gdb, missing: `py-spy and pystack could not be installed: ${reason}` };
  }
}

async function install(
  interpreter: Interpreter & { readonly soabi: string; readonly platform: string },
  context: ToolContext,
): Promise<string> {
  const abi = `${interpreter.soabi}-${interpreter.platform}`.replaceAll(/[^A-Za-z0-9_.-]/g, '_');
  const folder = join(cacheRoot(context.env), 'tools', `evidence-${lockDigest('evidence')}-${abi}`);
  return await installOnce(folder, async (part) => {
    await installLocked('evidence', interpreter, part, context, 'Installing py-spy and pystack');
    await writeFile(join(part, 'bin', 'exitproof-pystack'), wrapper(interpreter.path));
    await chmod(join(part, 'bin', 'exitproof-pystack'), 0o755);
  });
}

/**
 * pip's own script for pystack knows nothing of the folder it stands in. This one finds its packages beside it,
 * wherever it is moved, and like pip's survives an interpreter path that is too long or spaced for a shebang.
 */
function wrapper(python: string): string {
  const quoted = `'${python.replaceAll("'", `'"'"'`)}'`;
  return [
    '#!/bin/sh',
    `'''exec' ${quoted} -I "$0" "$@"`,
    "' '''",
    'import os, sys',
    'sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))',
    'from pystack.__main__ import main',
    'sys.exit(main())',
    '',
  ].join('\n');
}

function present(path: string): string | null {
  return existsSync(path) ? path : null;
}
