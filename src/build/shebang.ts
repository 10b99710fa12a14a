import { open } from 'node:fs/promises';
import { baseInterpreter, interpreterRecord } from '../layout/interpreter.ts';
import type { Interpreter } from '../report/model.ts';
import type { ToolContext } from '../toolchain/context.ts';
import { findOnPath } from '../toolchain/findOnPath.ts';

/** What a file's first line starts, in that environment; null where that is no Python. */
export async function shebangInterpreter(
  file: string,
  { env, cancel }: Pick<ToolContext, 'env' | 'cancel'>,
): Promise<Interpreter | null> {
  const line = /^#!(.*)/.exec(await headOf(file))?.[1]?.trim() ?? '';
  const named = /^\S*\/env (\S+)$/.exec(line)?.[1];
  const path = named === undefined ? (line.split(' ')[0] ?? '') : findOnPath(named, env['PATH']);
  if (path === null || path === '') return null;
  const asked = baseInterpreter(path, { env, ...(cancel && { cancel }) });
  return asked.then(interpreterRecord, () => null);
}

async function headOf(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
