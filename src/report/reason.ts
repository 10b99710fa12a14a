import type { RunRecord } from './model.ts';

/** Why it ended so, to stand where the verdict is told already: "exit code 3, expected 0". */
export function reasonWords(run: Pick<RunRecord, 'verdict' | 'reason'>): string {
  return withoutVerdict(run.reason, run);
}

/** What the diagnosis says, or the reason where there is none. */
export function aboutRun(run: Pick<RunRecord, 'verdict' | 'reason' | 'diagnosis' | 'from'>): string {
  const words = withoutVerdict(run.diagnosis?.summary ?? run.reason, run);
  return run.from === undefined ? words : `out of the ${run.from}: ${words}`;
}

/** Whether the text says it already, as a sentence of its own or as a part of one. */
export function toldIn(text: string, words: string): boolean {
  return text.toLowerCase().includes(words.trim().toLowerCase());
}

function withoutVerdict(text: string, { verdict }: Pick<RunRecord, 'verdict'>): string {
  const prefix = `${verdict.replace('-', ' ')}: `;
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}
