import { accept, REFUSED, type ValueType } from './valueType.ts';

/**
 * The words of one line as a POSIX shell splits and unquotes it. Nothing is expanded: `$HOME`, `*`, `|` and `#` are
 * text. Null where a quote is not closed or the line ends in a backslash.
 *
 * Own code because no library splits as `sh` does: shlex takes `$'…'` apart and keeps `\$` in double quotes,
 * shellwords drops `''` and any backslash in quotes, string-argv knows no backslash, shell-quote makes operators and
 * comments into objects. `test/unit/settings/words.test.ts` holds it against the real shell.
 */
export function splitWords(line: string): readonly string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let index = 0;
  while (index < line.length) {
    const char = line.charAt(index);
    index += 1;
    if (char === ' ' || char === '\t' || char === '\n') {
      if (word !== null) words.push(word);
      word = null;
    } else if (char === "'") {
      const end = line.indexOf("'", index);
      if (end === -1) return null;
      word = (word ?? '') + line.slice(index, end);
      index = end + 1;
    } else if (char === '"') {
      const quoted = readDoubleQuoted(line, index);
      if (quoted === null) return null;
      word = (word ?? '') + quoted.text;
      index = quoted.end;
    } else if (char === '\\') {
      if (index === line.length) return null;
      const escaped = line.charAt(index);
      index += 1;
      if (escaped !== '\n') word = (word ?? '') + escaped;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (word !== null) words.push(word);
  return words;
}

function readDoubleQuoted(line: string, start: number): { text: string; end: number } | null {
  let text = '';
  for (let index = start; index < line.length; index += 1) {
    const char = line.charAt(index);
    if (char === '"') return { text, end: index + 1 };
    const next = line.charAt(index + 1);
    if (char === '\\' && next !== '' && '$`"\\\n'.includes(next)) {
      if (next !== '\n') text += next;
      index += 1;
    } else {
      text += char;
    }
  }
  return null;
}

/** A line that {@link splitWords} takes apart into the same words. */
export function joinWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}

function parseArguments(line: string) {
  const words = splitWords(line);
  return words === null ? REFUSED : accept(words);
}

/** One command line's arguments. */
export const words: ValueType<readonly string[]> = {
  label: 'arguments',
  takes: 'arguments as a shell splits them, with every quote closed',
  repeatable: true,
  split: (text) => [text],
  fromTexts: (texts) => parseArguments(texts.join(' ')),
  fromToml: (value) => {
    if (typeof value === 'string') return parseArguments(value);
    if (!Array.isArray(value)) {
      return { ok: false, takes: 'a list of texts, or one text that is split as a shell does' };
    }
    const items: readonly unknown[] = value;
    const bad = items.findIndex((item) => typeof item !== 'string');
    if (bad >= 0) return { ok: false, at: `[${bad + 1}]`, got: items[bad], takes: 'a text in quotes' };
    return accept(items.filter((item) => typeof item === 'string'));
  },
  show: joinWords,
  schema: { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
};
