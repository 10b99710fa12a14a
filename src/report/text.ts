/**
 * What the watched program controls (names of functions, threads and files, its output) is shown through these.
 * A terminal must not obey it, and neither must a runner that reads the log for workflow commands.
 */

// Controls, lone surrogates, and what reorders or hides text (bidirectional marks, zero-width, separators).
const UNPRINTABLE =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return SHORT[character] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u{${hex(code, 4)}}`);
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

/** One line, whatever it was: nothing in it moves the cursor, and no runner takes it for a command. */
export function printable(text: string, limit = Number.POSITIVE_INFINITY): string {
  // `::name::` counts at the start of a line, after blanks; the older `##[name]` counts anywhere in it.
  const line = clip(text, limit)
    .replace(UNPRINTABLE, escaped)
    .replace(/##(?=\[)/gu, '#\\x23');
  return notCommand(line);
}

function notCommand(line: string): string {
  return line.replace(/^(\s*):(?=:)/u, '$1\\x3a');
}

/** Several lines, each made `printable`; tabs become blanks, and a line's end stays one. */
export function printableLines(text: string): string[] {
  return text.split(/\r?\n/u).map((line) => printable(line.replaceAll('\t', '    ')));
}

/** At most `limit` characters, the cut marked. Never splits a surrogate pair. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const characters = [...text.slice(0, (limit + 1) * 2)];
  return characters.length <= limit ? text : `${characters.slice(0, Math.max(0, limit - 1)).join('')}…`;
}

/** Keeps the end, which of a path says more than its start. */
export function clipStart(text: string, limit: number): string {
  const characters = [...text];
  return characters.length <= limit ? text : `…${characters.slice(characters.length - limit + 1).join('')}`;
}

/** Breaks at blanks into lines of at most `width`; a longer word stays whole. None begins as a workflow command. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map(notCommand);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
