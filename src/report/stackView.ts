import { location, sameFrame } from './location.ts';
import type { Evidence, Frame, RunRecord, Thread } from './model.ts';

/** A stack as people are shown it: the one that matters, and the main thread where that is another one. */
export interface StackView {
  readonly title: string;
  readonly rows: readonly StackRow[];
  /** How many frames were left out at the outer end. */
  readonly more: number;
}

export interface StackRow {
  readonly frame: Frame;
  /** Below the checkout or the import root, where it is known; printable. */
  readonly place: string;
  readonly guilty: boolean;
}

/**
 * The guilty stack first, then what the main thread waits in. Native frames are left out where Python
 * frames tell the story.
 * @param limit frames per stack; the guilty frame is always among them
 */
export function stackViews(run: RunRecord, limit: number): StackView[] {
  const blamed = findBlamed(run);
  const views: StackView[] = [];
  if (blamed !== null) views.push(view(blamed.evidence, blamed.thread, run, limit));
  const main = mainThread(run, blamed?.evidence ?? null);
  if (main !== null && !(blamed?.thread.main === true && blamed.evidence.role === 'main')) {
    views.push(view(main.evidence, main.thread, run, Math.min(limit, 6)));
  }
  return views;
}

interface Found {
  readonly evidence: Evidence;
  readonly thread: Thread;
}

function findBlamed(run: RunRecord): Found | null {
  const marked = run.evidence.flatMap((evidence) =>
    evidence.threads.filter((thread) => thread.guilty === true).map((thread) => ({ evidence, thread })),
  );
  const guilty = run.diagnosis?.guilty ?? null;
  const holding = marked.find(
    ({ thread }) => guilty !== null && thread.frames.some((frame) => sameFrame(frame, guilty)),
  );
  return holding ?? marked[0] ?? null;
}

function mainThread(run: RunRecord, beside: Evidence | null): Found | null {
  const candidates = run.evidence
    .filter((evidence) => evidence.role === 'main')
    .toSorted((a, b) => Number(b === beside) - Number(a === beside));
  for (const evidence of candidates) {
    const thread = evidence.threads.find(({ main, frames }) => main && frames.length > 0);
    if (thread !== undefined) return { evidence, thread };
  }
  return null;
}

function view(evidence: Evidence, thread: Thread, run: RunRecord, limit: number): StackView {
  const guilty = thread.guilty === true ? (run.diagnosis?.guilty ?? null) : null;
  const root = checkoutRoot(run);
  const python = thread.frames.filter((frame) => frame.native !== true);
  const frames = python.length > 0 && guilty?.native !== true ? python : thread.frames;
  const at = guilty === null ? -1 : frames.findIndex((frame) => sameFrame(frame, guilty));
  const rows = frames.map((frame, index) =>
    index === at && guilty !== null
      ? { frame: guilty, place: location(guilty), guilty: true }
      : { frame, place: location(below(root, frame)), guilty: false },
  );
  const told = folded(rows);
  const shown = told.slice(0, Math.max(limit, told.findIndex((row) => row.guilty) + 2));
  return {
    title: threadTitle(evidence, thread),
    rows: shown.map(({ frames: _, ...row }) => row),
    more: told.slice(shown.length).reduce((sum, row) => sum + row.frames, 0),
  };
}

interface FoldedRow extends StackRow {
  /** How many frames it stands for. */
  readonly frames: number;
}

/** Native frames without a name, one below the other at the same place, say no more than one of them. */
function folded(rows: readonly StackRow[]): FoldedRow[] {
  const told: FoldedRow[] = [];
  for (const row of rows) {
    const last = told.at(-1);
    if (last !== undefined && isNameless(last) && isNameless(row) && last.frame.file === row.frame.file)
      told[told.length - 1] = { ...last, frames: last.frames + 1 };
    else told.push({ ...row, frames: 1 });
  }
  return told.map((row) =>
    row.frames === 1 ? row : { ...row, place: `${row.place}, ${row.frames} frames without a name` },
  );
}

function isNameless({ frame, guilty }: StackRow): boolean {
  return !guilty && frame.native === true && /^\?*$/u.test(frame.function);
}

/** Where the checkout lies, if the guilty file runs from it: the report itself doesn't say. */
function checkoutRoot({ diagnosis }: RunRecord): string | null {
  const { file, source } = diagnosis?.guilty ?? { file: null, source: null };
  if (!file || !source?.exact || !file.endsWith(`/${source.path}`)) return null;
  return file.slice(0, -source.path.length);
}

function below(root: string | null, frame: Frame): Frame {
  const inside = root !== null && frame.file?.startsWith(root) === true;
  return inside ? { ...frame, file: frame.file.slice(root.length) } : frame;
}

function threadTitle(evidence: Evidence, thread: Thread): string {
  const who = thread.main
    ? 'main thread'
    : thread.name === null
      ? 'a thread'
      : `thread ${JSON.stringify(thread.name)}`;
  const where = evidence.role === 'main' ? '' : ` of child process ${evidence.pid} (${evidence.command})`;
  const others =
    thread.folded === undefined || thread.folded === 0 ? '' : ` and ${thread.folded} more like it`;
  return `${who}${where}${others}`;
}
