import { randomBytes } from 'node:crypto';
import type { Writable } from 'node:stream';
import * as core from '@actions/core';
import type { Log } from '../log.ts';
import { printable } from '../report/text.ts';
import { paceOf } from './pace.ts';

export interface ActionLog extends Log {
  /** Several lines that hold data (a stack dump, the report): unfolded, and never taken for commands. */
  block(text: string): void;
  /** Lets the runner obey workflow commands again. Call it before the process ends; harmless when repeated. */
  close(): void;
}

export type LogTarget = Pick<Writable, 'write' | 'writableLength' | 'once' | 'off'>;

/** `TryParse` of the runner: `::name::` after white space at a line's start, or `##[name]` anywhere. */
const COMMAND = /(^|[\r\n])[\s\u0085]*::|##\[/;

const NEWLINE = 0x0a;

/**
 * A log for the runner. Everything goes to stdout, also what the program wrote to stderr: the runner reads the two
 * pipes apart, so a command on stderr could overtake the `::stop-commands::` on stdout.
 *
 * No line is an annotation: main makes those, from the report.
 */
export function createActionLog(target: LogTarget = process.stdout): ActionLog {
  const pace = paceOf(target);
  let dropped = 0;
  let token: string | null = null;
  let lineOpen = false;
  let depth = 0;

  const write = (chunk: string | Uint8Array): void => {
    if (chunk.length === 0) return;
    target.write(chunk);
    const last = typeof chunk === 'string' ? chunk.charCodeAt(chunk.length - 1) : chunk.at(-1);
    lineOpen = last !== NEWLINE;
  };
  const command = (text: string): void => {
    // Glued to the program's unfinished line, a command would not be one, and the runner would stay deaf.
    write(`${lineOpen ? '\n' : ''}${text}\n`);
  };
  const data = (chunk: string | Uint8Array): void => {
    if (token === null) {
      // New each time: a program that has seen one can't use it again.
      token = randomBytes(24).toString('hex');
      command(`::stop-commands::${token}`);
    }
    write(chunk);
  };
  const close = (): void => {
    if (token === null) return;
    command(`::${token}::`);
    token = null;
  };
  const line = (text: string): void => {
    const whole = `${lineOpen ? '\n' : ''}${text}\n`;
    if (COMMAND.test(text)) data(whole);
    else write(whole);
  };

  return {
    async stage(title, body) {
      // Groups don't nest: an inner one would end the outer one.
      if (depth === 0) {
        close();
        command(`::group::${escapeData(printable(title))}`);
      } else {
        line(printable(title));
      }
      depth += 1;
      try {
        return await body();
      } finally {
        depth -= 1;
        if (depth === 0) {
          close();
          command('::endgroup::');
        }
      }
    },
    info: line,
    debug(text) {
      if (core.isDebug()) line(`debug: ${text}`);
    },
    notice: (text) => line(`notice: ${text}`),
    warning: (text) => line(`warning: ${text}`),
    passthrough: (_stream, chunk) => {
      if (!pace.takes()) {
        dropped += chunk.length;
        return undefined;
      }
      if (dropped > 0) data(`\n[exitproof: ${dropped} bytes are left out here, nobody read them in time]\n`);
      dropped = 0;
      // The watch reads the next chunk into the same memory.
      data(Buffer.from(chunk));
      return pace.caughtUp();
    },
    block(text) {
      if (text === '') return;
      data(`${lineOpen ? '\n' : ''}${text.endsWith('\n') ? text : `${text}\n`}`);
      close();
    },
    close,
  };
}

/** As the runner undoes it. */
export function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
