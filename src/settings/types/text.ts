import { isAbsolute, resolve } from 'node:path';
import { splitList } from './choice.ts';
import { accept, type Parsed, REFUSED, scalar, type ValueType } from './valueType.ts';

/** Any text that isn't empty. */
export function text(label: string, takes: string, pattern = /^\P{Cc}+$/u): ValueType<string> {
  return scalar<string>({
    label,
    takes,
    parse: (value) => (pattern.test(value) ? accept(value) : REFUSED),
    show: (value) => value,
  });
}

/** Absolute once it is read. */
export const path = scalar<string>({
  label: 'path',
  takes: 'a path',
  parse: (value) => (value === '' || value.includes('\0') ? REFUSED : accept(value)),
  show: (value) => value,
  rebase: (value, folder) => resolve(folder, value),
});

function textList(
  label: string,
  takes: string,
  split: (text: string) => readonly string[],
  fits: RegExp,
): ValueType<readonly string[]> {
  const parse = (items: readonly unknown[]): Parsed<readonly string[]> => {
    const texts: string[] = [];
    for (const item of items) {
      if (typeof item !== 'string' || !fits.test(item)) return { ok: false, got: item };
      texts.push(item);
    }
    return accept(texts);
  };
  return {
    label,
    takes,
    repeatable: true,
    split,
    fromTexts: parse,
    fromToml: (value) => {
      if (typeof value === 'string') return parse(split(value));
      return Array.isArray(value) ? parse(value) : REFUSED;
    },
    show: (value) => value.join(', '),
    schema: { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
  };
}

export function splitLines(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Requirement specifiers hold commas and blanks, so one a line. A leading dash would be an option to pip. */
export const requirementLines = textList(
  'requirement',
  'requirements such as httpie or httpie==3.2.4, one a line',
  splitLines,
  /^[^\s-]\P{Cc}*$/u,
);

/** Paths may hold blanks and commas, so one a line. */
export const pathLines = textList('list of paths', 'paths, one a line', splitLines, /^\P{Cc}+$/u);

export const names = textList('list', 'names such as cli or cli,server', splitList, /^[\w.-]+$/);

/**
 * `3.12`, or the absolute path of an interpreter. A path has a slash in it, so that a misspelt version isn't looked for
 * as a file.
 */
export const python = scalar<string>({
  label: 'X.Y | path',
  takes: 'a version such as 3.12, or a path such as .venv/bin/python',
  parse: (value) => {
    if (/^3\.\d$/.test(value) && Number(value.slice(2)) < 8) {
      return {
        ok: false,
        takes: 'a version from 3.8, or a path',
        ...(value === '3.1' ? { hint: 'YAML reads 3.10 as the number 3.1: write it in quotes' } : {}),
      };
    }
    const fits = /^3\.\d{1,2}$/.test(value) || (value.includes('/') && !value.includes('\0'));
    return fits ? accept(value) : REFUSED;
  },
  show: (value) => value,
  rebase: (value, folder) => (value.includes('/') && !isAbsolute(value) ? resolve(folder, value) : value),
});
