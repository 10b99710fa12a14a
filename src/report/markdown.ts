import { printable } from './text.ts';

// As character references: neither Markdown nor HTML gives them a meaning, so nothing can be injected.
// Beside what means something anywhere, what does at the start of a line, and what makes links.
const SPECIAL = /[&<>"'`*_~|\\[\]()#@$]|^[-+=:]|:(?=\/\/)|(?<=www)\./giu;

/** One line of text of the program's, to stand anywhere in Markdown: in a table, a heading, in HTML. */
export function markdownText(text: string, limit = 500): string {
  return printable(text, limit).replace(SPECIAL, (character) => `&#${character.codePointAt(0)};`);
}

/** As code, which keeps mentions and links from being made of it. */
export function markdownCode(text: string, limit = 500): string {
  return `<code>${markdownText(text, limit)}</code>`;
}

/** Lines that `printable` made. Its tag ends only at its own end tag, so blank lines within are safe. */
export function markdownBlock(lines: readonly string[]): string {
  return `<pre>${lines.map(htmlText).join('\n')}</pre>`;
}

function htmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
