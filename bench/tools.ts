import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EvidenceTools, NO_TOOLS } from '../src/evidence/tools.ts';
import type { Log } from '../src/log.ts';
import { evidenceTools } from '../src/toolchain/evidenceTools.ts';
import { probeInterpreter } from '../src/toolchain/probeInterpreter.ts';
import { testEnvironment } from '../test/support/cli.ts';

const SILENT: Log = {
  stage: (_, body) => body(),
  info: () => undefined,
  debug: () => undefined,
  notice: () => undefined,
  warning: () => undefined,
  passthrough: () => undefined,
};

/** The tools as a check would install them, in the cache that the tests share. */
export async function findTools(python: string): Promise<EvidenceTools> {
  const interpreter = await probeInterpreter(python);
  if (interpreter === null) return NO_TOOLS;
  const work = mkdtempSync(join(tmpdir(), 'exitproof-bench-'));
  const tools = await evidenceTools(interpreter, { log: SILENT, env: testEnvironment(), work });
  rmSync(work, { recursive: true, force: true });
  return tools;
}
