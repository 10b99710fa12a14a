import type { Log } from '../log.ts';
import { duration } from '../report/durations.ts';
import { painter } from '../report/style.ts';
import { printable, printableLines } from '../report/text.ts';
import type { Sink } from './sink.ts';

export interface TerminalLogOptions {
  /** Where exitproof's own lines go. */
  readonly own: Sink;
  /** Where the watched program's output goes; null drops it (the report keeps its head and tail). */
  readonly program: { readonly stdout: Sink; readonly stderr: Sink } | null;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

export interface TerminalLog extends Log {
  /** Text that is ready to be shown, set apart by an empty line. */
  block(text: string): void;
}

const NEWLINE = 0x0a;

/** Stages as headings with their lines indented below and their time at the end. */
export function createTerminalLog({ own, program, quiet, verbose }: TerminalLogOptions): TerminalLog {
  const paint = painter(own.hasColor);
  let depth = 0;
  /** Where the program has left a line unfinished. */
  let openLine: Sink | null = null;

  const startLine = (): void => {
    if (openLine !== null && (openLine === own || (openLine.isTerminal && own.isTerminal))) own.write('\n');
    openLine = null;
  };
  const say = (text: string, style: (line: string) => string = (line) => line): void => {
    startLine();
    for (const line of printableLines(text)) own.write(`${'  '.repeat(depth)}${style(line)}\n`);
  };

  return {
    async stage(title, body) {
      const started = performance.now();
      if (!quiet) say(printable(title), paint.bold);
      depth += 1;
      let word = 'failed after';
      try {
        const result = await body();
        word = 'done in';
        return result;
      } finally {
        if (!quiet) say(`${word} ${duration(performance.now() - started)}`, paint.dim);
        depth -= 1;
      }
    },
    info: (line) => {
      if (!quiet) say(line);
    },
    debug: (line) => {
      if (verbose) say(line, paint.dim);
    },
    notice: (line) => {
      if (!quiet) say(`note: ${line}`);
    },
    warning: (line) => say(`warning: ${line}`, paint.warn),
    block: (text) => {
      startLine();
      own.write(`\n${text}`);
    },
    passthrough: (stream, chunk) => {
      if (program === null || chunk.length === 0) return undefined;
      openLine = chunk.at(-1) === NEWLINE ? null : program[stream];
      return program[stream].write(chunk);
    },
  };
}
