import { readFileSync, readlinkSync } from 'node:fs';
import type { EvidenceSource, Thread } from '../report/model.ts';
import { askFaulthandler } from './faulthandler.ts';
import { askGdb } from './gdb.ts';
import { kernelState, tracerOf } from './kernel.ts';
import { readProc } from './proc.ts';
import { askPySpy } from './pySpy.ts';
import { askPystack } from './pystack.ts';
import type { Target } from './target.ts';
import type { EvidenceTools } from './tools.ts';

/** What one tool said, as it said it: not yet folded, bounded or masked. */
export interface Finding {
  readonly source: EvidenceSource;
  readonly threads: readonly Thread[];
  readonly text?: string;
  readonly error: string | null;
}

export interface Look {
  readonly target: Target;
  /** Milliseconds for the whole layer. */
  readonly timeout: number;
}

export type Layer = (look: Look) => Promise<Finding[]>;

/** The probe's. */
export interface DumpSignal {
  readonly signal: number;
  readonly dumpFolder: string;
  /** False where no `/proc` tells whether the handler is in place: there its file alone speaks for it. */
  readonly hasProc: boolean;
}

/** Less than this is no time for any tool. */
export const LEAST_TIME = 30;

function isPython(pid: number): boolean {
  try {
    return /python|pypy/i.test(
      readlinkSync(`/proc/${pid}/exe`) + readFileSync(`/proc/${pid}/maps`, 'latin1'),
    );
  } catch {
    return true;
  }
}

/** Why a tool that stops the process would only hang or fail. */
function untraceable(pid: number): string | null {
  const state = kernelState(pid);
  if (state === 'D') return 'not tried: the process is in an uninterruptible wait (state D)';
  if (state === 'Z' || state === null) return 'not tried: the process has ended';
  const tracer = tracerOf(pid);
  return tracer === 0 ? null : `not tried: process ${tracer} traces it already`;
}

export function failed(source: EvidenceSource, error: string): Finding {
  return { source, threads: [], error };
}

export function pythonLayer(
  { pySpy, missing }: EvidenceTools,
  options: { readonly blocking: boolean },
): Layer {
  return async ({ target, timeout }) => {
    if (pySpy === null) return missing === null ? [] : [failed('py-spy', missing)];
    if (target.role === 'descendant' && !isPython(target.pid)) return [];
    const blocking = options.blocking && untraceable(target.pid) === null;
    return [{ source: 'py-spy', ...(await askPySpy({ tool: pySpy, pid: target.pid, timeout, blocking })) }];
  };
}

/** pystack first, for it has Python and native frames in one; gdb where that says nothing. */
export function nativeLayer({ pystack, gdb }: EvidenceTools): Layer {
  return async ({ target: { pid }, timeout }) => {
    const tool = pystack ?? gdb;
    if (tool === null) return [];
    const obstacle = untraceable(pid);
    if (obstacle !== null) return [failed(pystack === null ? 'gdb' : 'pystack', obstacle)];
    const findings: Finding[] = [];
    const started = performance.now();
    if (pystack !== null && isPython(pid)) {
      findings.push({ source: 'pystack', ...(await askPystack({ tool: pystack, pid, timeout })) });
    }
    const left = timeout - (performance.now() - started);
    if (gdb !== null && left > LEAST_TIME && !findings.some(({ error }) => error === null)) {
      findings.push({ source: 'gdb', ...(await askGdb({ tool: gdb, pid, timeout: left })) });
    }
    return findings;
  };
}

export function signalLayer(faulthandler: DumpSignal): Layer {
  return async ({ target, timeout }) => {
    return [{ source: 'faulthandler', ...(await askFaulthandler({ target, timeout, ...faulthandler })) }];
  };
}

export const procLayer: Layer = async ({ target }) => {
  const snapshot = readProc(target.pid);
  return [
    snapshot === null
      ? failed('proc', 'the process has ended')
      : { source: 'proc', error: null, ...snapshot },
  ];
};
