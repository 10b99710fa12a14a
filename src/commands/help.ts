import { wrap } from '../report/text.ts';
import { flagsOf, isSwitch, valueName } from '../settings/flags.ts';
import type { Command, Row } from '../settings/row.ts';
import { COMMANDS } from './commandTable.ts';

/** Columns. */
const WIDTH = 80;
/** A term that is wider stands on a line of its own. */
const WIDEST_TERM = 32;

type Item = readonly [term: string, sentence: string];
interface Section {
  readonly title: string;
  readonly items: readonly Item[];
}

const HELP: Item = ['-h, --help', 'Print this help.'];

export function programHelp(): string {
  const commands = Object.entries(COMMANDS).map(
    ([name, { usage, sentence }]): Item => [`${name} ${usage}`, sentence],
  );
  const sections: readonly Section[] = [
    { title: 'Commands', items: [...commands, ['help [COMMAND]', 'Print this help, or that of a command.']] },
    { title: 'Options', items: [['--version', 'Print the version.'], HELP] },
    {
      title: 'Exit codes',
      items: [
        ['0', 'passed, or a stall that --on-stall allows'],
        ['1', 'any other verdict, or nothing restored'],
        ['2', 'settings that are not right; nothing ran'],
        ['3', 'could not build'],
        ['4', 'a fault of exitproof itself'],
        ['129, 130, 143', 'cancelled by SIGHUP, SIGINT, SIGTERM'],
      ],
    },
  ];
  return page(
    'COMMAND',
    'Build a Python program into an executable, and prove that it exits.',
    sections.map((section) => sectionLines(section, columnOf([section]))),
    ['exitproof COMMAND --help lists the options of a command.'],
  );
}

export function commandHelp(command: Command): string {
  const { usage, sentence, operands, table, examples } = COMMANDS[command];
  const groups = new Map<string, Item[]>();
  for (const [name, row] of flagsOf(table, command)) {
    const title = row.group ?? 'Options';
    const term = isSwitch(row) ? `--${name}` : `--${name} <${valueName(row)}>`;
    groups.set(title, [...(groups.get(title) ?? []), [term, sentenceOf(row)]]);
  }
  const last = [...groups.keys()].at(-1) ?? 'Options';
  groups.set(last, [...(groups.get(last) ?? []), HELP]);
  const sections = [
    ...(operands.length === 0 ? [] : [{ title: 'Arguments', items: operands }]),
    ...[...groups].map(([title, items]) => ({ title, items })),
  ];
  const shown = examples.length === 0 ? [] : ['Examples:', ...examples.map((example) => `  ${example}`)];
  const column = columnOf(sections);
  return page(
    `${command} ${usage}`,
    sentence,
    sections.map((section) => sectionLines(section, column)),
    shown,
  );
}

/** The row's sentence with its default behind it. */
function sentenceOf(row: Row): string {
  const value = isSwitch(row) ? null : (row.unset ?? (row.default === '' ? null : row.default));
  const text = value === null ? row.sentence : `${row.sentence} [${value}]`;
  return text.replaceAll('`', '');
}

function page(
  usage: string,
  sentence: string,
  sections: readonly (readonly string[])[],
  end: readonly string[],
): string {
  return [[`Usage: exitproof ${usage}`], wrap(sentence, WIDTH), ...sections, end]
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

/** Where the sentences of these sections begin, all in the same column. */
function columnOf(sections: readonly Section[]): number {
  const terms = sections.flatMap(({ items }) => items.map(([term]) => term.length));
  return Math.max(...terms.filter((length) => length <= WIDEST_TERM)) + 4;
}

function sectionLines({ title, items }: Section, column: number): readonly string[] {
  return [`${title}:`, ...items.flatMap((item) => itemLines(item, column))];
}

function itemLines([term, sentence]: Item, column: number): readonly string[] {
  const [first = '', ...rest] = wrap(sentence, WIDTH - column).map((line) => `${' '.repeat(column)}${line}`);
  const head = `  ${term}`;
  if (head.length > column - 2) return [head, first, ...rest];
  return [`${head.padEnd(column)}${first.trimStart()}`, ...rest];
}
