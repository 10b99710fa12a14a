import { dirname } from 'node:path';
import * as v from 'valibot';
import { asset } from '../assets.ts';
import type { Told } from '../packageIndex/fetchPinned.ts';
import type { Interpreter } from '../report/model.ts';
import type { ToolContext } from './context.ts';
import { mustRun } from './exec.ts';
import type { PrivatePip } from './pip.ts';
import { ownToolEnvironment } from './toolEnvironment.ts';

const answer = v.object({ tags: v.array(v.string()), holds: v.array(v.boolean()) });

/** Which wheels the interpreter takes, and which of these markers hold for it, as pip sees it. */
export async function supportedBy(
  interpreter: Interpreter,
  pip: PrivatePip,
  markers: readonly string[],
  context: ToolContext,
): Promise<Told> {
  const distinct = [...new Set(markers)];
  const args = ['-I', asset('locks', 'supported.py'), dirname(pip.path), ...distinct];
  const command = { tool: interpreter.path, args, env: ownToolEnvironment(context.env) };
  // It is not for the log, in which it would be the longest line by far.
  const quiet = { ...context, log: { ...context.log, debug: () => {} } };
  const { stdout } = await mustRun(command, quiet, 'Asking for the tags of the interpreter');
  const { tags, holds } = v.parse(answer, JSON.parse(stdout));
  const held = new Set(distinct.filter((_, place) => holds[place] === true));
  return { version: interpreter.version, tags, holds: (marker) => held.has(marker) };
}
