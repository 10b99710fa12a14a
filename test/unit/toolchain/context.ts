import type { ToolContext } from '../../../src/toolchain/context.ts';

export interface RecordingContext extends ToolContext {
  readonly lines: string[];
  readonly notices: string[];
}

/** A context that keeps what was logged. */
export function recordingContext(work: string, env: ToolContext['env'] = process.env): RecordingContext {
  const lines: string[] = [];
  const notices: string[] = [];
  const note = (line: string): void => {
    lines.push(line);
  };
  return {
    work,
    env,
    lines,
    notices,
    log: {
      stage: (_title, body) => body(),
      info: note,
      debug: note,
      notice: (line) => {
        notices.push(line);
        note(line);
      },
      warning: note,
      passthrough: () => {},
    },
  };
}
