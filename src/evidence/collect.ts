import type { Evidence, EvidenceSource } from '../report/model.ts';
import {
  type DumpSignal,
  type Finding,
  failed,
  type Layer,
  LEAST_TIME,
  nativeLayer,
  procLayer,
  pythonLayer,
  signalLayer,
} from './layers.ts';
import type { Target } from './target.ts';
import { clean, reportThreads } from './threads.ts';
import type { EvidenceTools } from './tools.ts';

export interface EvidenceRequest {
  /** In the order in which they are looked at; the main process first. */
  readonly targets: readonly Target[];
  readonly tools: EvidenceTools;
  /** CLOCK_MONOTONIC in nanoseconds. */
  readonly spawnedAt: bigint;
  readonly snapshot: 1 | 2;
  /** Milliseconds for all targets and tools together. */
  readonly budget: number;
  /** Milliseconds for one tool on one process. */
  readonly perTool: number;
  /** The probe's; null where no probe was set up. */
  readonly faulthandler: DumpSignal | null;
  readonly secrets: readonly string[];
  /** Whether the process under the target's number is still the one that was meant. */
  readonly isStill: (target: Target) => boolean;
  /** A dump signal can end the very wait that is to be shown: only with the last snapshot. */
  readonly allowSignals: boolean;
}

const SIDE_BY_SIDE = 2;
const MAX_TARGETS = 16;

async function sideBySide<T>(items: readonly T[], body: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await body(item);
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
}

function maskedText(text: string, secrets: readonly string[]): string {
  return text
    .split('\n')
    .map((line) => clean(line, secrets))
    .join('\n');
}

/**
 * Looks at each target through each layer, the harmless before the intrusive: `/proc`, py-spy without a stop, native
 * frames, at last the dump signal. No process meets two tools at once. Never throws and never takes much longer than
 * `budget`: a tool that is missing, hangs or fails stands in the result with `error`.
 */
export async function collectEvidence(request: EvidenceRequest): Promise<Evidence[]> {
  const {
    targets,
    tools,
    spawnedAt,
    snapshot,
    budget,
    perTool,
    secrets,
    faulthandler,
    isStill,
    allowSignals,
  } = request;
  const deadline = performance.now() + budget;
  const found = new Map<Target, Evidence[]>(targets.map((target) => [target, []]));

  const look = async (source: EvidenceSource, layer: Layer, target: Target): Promise<void> => {
    if (!isStill(target)) return;
    const at = Number(process.hrtime.bigint() - spawnedAt) / 1e6;
    const timeout = Math.min(perTool, deadline - performance.now());
    if (timeout < LEAST_TIME && source !== 'proc') return;
    const findings = await layer({ target, timeout }).catch((error: unknown) => [
      failed(source, error instanceof Error ? error.message : String(error)),
    ]);
    for (const finding of findings) found.get(target)?.push(evidenceOf(finding, target, at));
  };
  const evidenceOf = ({ source, threads, error, text }: Finding, target: Target, at: number): Evidence => ({
    source,
    pid: target.pid,
    role: target.role,
    command: clean(target.command, secrets),
    at: Math.max(0, at),
    snapshot,
    threads: reportThreads(threads, secrets),
    ...(text === undefined ? {} : { text: maskedText(text, secrets) }),
    ...(error === null ? {} : { error: clean(error, secrets) }),
  });

  await sideBySide(targets, (target) => look('proc', procLayer, target));
  const layers: [EvidenceSource, Layer][] = [
    ['py-spy', pythonLayer(tools, { blocking: true })],
    ['pystack', nativeLayer(tools)],
  ];
  if (faulthandler !== null && allowSignals) layers.push(['faulthandler', signalLayer(faulthandler)]);
  for (const [source, layer] of layers) {
    await sideBySide(targets.slice(0, MAX_TARGETS), (target) => look(source, layer, target));
  }
  return targets.flatMap((target) => found.get(target) ?? []);
}
