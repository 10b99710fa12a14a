import { dirname } from 'node:path';
import * as v from 'valibot';
import { asset } from '../assets.ts';
import type { Told } from '../packageIndex/fetchPinned.ts';
import type { PipSettings } from '../packageIndex/places.ts';
import type { Interpreter } from '../report/model.ts';
import type { PrivatePip, ToolContext } from './context.ts';
import { runTool, toolProblem } from './exec.ts';

/** What pip says of an interpreter, and of what it is set to itself. */
export interface Supported extends Told {
  readonly settings: PipSettings;
}

export interface SupportedRequest {
  /** Null asks the interpreter's own pip, and for its settings alone. */
  readonly pip: PrivatePip | null;
  readonly markers: readonly string[];
  /** That pip would run in. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const answer = v.object({
  settings: v.record(v.string(), v.string()),
  tags: v.array(v.string()),
  holds: v.array(v.boolean()),
});

/** Throws a build problem where there is no such pip. */
export async function supportedBy(
  interpreter: Interpreter,
  { pip, markers, env, cwd }: SupportedRequest,
  context: ToolContext,
): Promise<Supported> {
  const distinct = [...new Set(markers)];
  const args = ['-I', asset('locks', 'supported.py'), pip === null ? '-' : dirname(pip.path), ...distinct];
  const command = { tool: interpreter.path, args, env, ...(cwd !== undefined && { cwd }) };
  // Not for the log: its line would be the longest by far, and settings may have logins.
  const quiet = { ...context, log: { ...context.log, debug: () => {} } };
  const what = 'Asking pip for its settings';
  const result = await runTool(command, quiet, what);
  if (result.exitCode !== 0) throw toolProblem(result, what);
  const { settings, tags, holds } = v.parse(answer, JSON.parse(result.stdout));
  const held = new Set(distinct.filter((_, place) => holds[place] === true));
  return { version: interpreter.version, settings, tags, holds: (marker) => held.has(marker) };
}
