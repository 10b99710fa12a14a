export interface Block {
  readonly start: string;
  readonly end: string;
}

/** `current` with `body` between the two marks, which are lines of their own and stay. */
export function replaceBlock(file: string, current: string, marks: Block, body: string): string {
  const lines = current.split('\n');
  const start = lines.indexOf(marks.start);
  const end = lines.indexOf(marks.end);
  if (start === -1 || end < start) {
    throw new Error(
      `${file} takes these two lines, and what is made goes between them:\n${marks.start}\n${marks.end}`,
    );
  }
  return [...lines.slice(0, start + 1), ...body.split('\n'), ...lines.slice(end)].join('\n');
}
