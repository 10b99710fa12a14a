import { valueName } from '../../src/settings/flags.ts';
import { MERGE_TABLE } from '../../src/settings/mergeTable.ts';
import { OUTPUTS } from '../../src/settings/outputs.ts';
import { RESTORE_TABLE } from '../../src/settings/restoreTable.ts';
import { namesIn, namesOf, type Row } from '../../src/settings/row.ts';
import { GROUPS, TABLE } from '../../src/settings/table.ts';
import { boolean } from '../../src/settings/types/boolean.ts';
import { SMOKE_FIELDS } from '../../src/settings/types/smoke.ts';
import { type Block, replaceBlock } from './block.ts';

const MARKS: Block = {
  start: '<!-- Made by `npm run generate`: settings. Change src/settings instead. -->',
  end: '<!-- End of what is made. -->',
};

/** What stands for the default in a sentence, or null where there is none. */
export function defaultWords(row: Row): string | null {
  if (row.unset !== undefined) return row.unset;
  return row.default === null || row.default === '' ? null : `\`${row.default}\``;
}

/** The pipe of `fail | warn` would end a table's cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`);
}

function settingRow(name: string, row: Row): readonly string[] {
  return [`\`${name}\``, row.type.label, defaultWords(row) ?? '–', row.sentence];
}

const HEAD = ['name', 'type', 'default', 'meaning'];

/** The settings of every place but those of the file alone, and the outputs. */
export function readmeReference(file: string, current: string): string {
  const settings = namesIn(TABLE, 'input').map((name) => settingRow(name, TABLE[name]));
  const outputs = Object.entries(OUTPUTS).map(([name, sentence]) => [`\`${name}\``, sentence]);
  const lines = ['', ...table(HEAD, settings), '', 'Outputs:', '', ...table(['name', 'says'], outputs), ''];
  return replaceBlock(file, current, MARKS, lines.join('\n'));
}

function placesOf(name: string, row: Row): string {
  const commands = row.commands ?? ['check'];
  const flag = row.type === boolean ? `--${name}` : `--${name} <${valueName(row)}>`;
  const places = {
    flag: `flag \`${flag}\` of ${commands.map((command) => `\`${command}\``).join(', ')}`,
    input: `input \`${name}\``,
    pyproject: `\`${name}\` in \`[tool.exitproof]\``,
  };
  return row.places.map((place) => places[place]).join('; ');
}

function section(name: string, row: Row): string[] {
  const value = defaultWords(row);
  return [
    `### \`${name}\``,
    '',
    row.sentence,
    '',
    `- Takes ${row.type.takes}.`,
    `- Default: ${value ?? 'none'}.`,
    `- Stands as ${placesOf(name, row)}.`,
    '',
  ];
}

const INTRODUCTION = `# Settings

<!-- Made by \`npm run generate\` from src/settings. Change the table there instead. -->

A setting has the same name as an action input, as a flag and as a key of \`[tool.exitproof]\` in the project's
pyproject.toml. A flag or an input counts before pyproject.toml, and that before the default. A value that isn't right
ends with exit code 2 and one sentence that says which setting, what it got and what it takes; nothing has run then.

- **Durations** are written with their units: \`10s\`, \`1m30s\`, \`500ms\`, \`2h\`. A bare number is refused.
- **Booleans** are \`true\` or \`false\` (also \`True\`, \`TRUE\`, \`False\`, \`FALSE\`), nothing else.
- **Lists** of names stand apart by commas or line ends; requirements and smoke runs stand one a line. Their flags can be
  repeated, and in pyproject.toml each is an array.
- **Arguments** are split as a POSIX shell splits words. Nothing is expanded and no shell runs.
- **Relative paths**: \`requirements\` and \`entry-point\` start at the project; \`output\` and \`report\` at the working
  directory, in the action the workspace; any other at the project if it stands in pyproject.toml, else at the working
  directory.
- An empty input counts as not set.
- In YAML, write \`python: '3.10'\` with quotes: without them it is the number 3.1.
`;

const EXAMPLE = `\`\`\`toml
[tool.exitproof]
teardown-timeout = "5s"
env = { TZ = "UTC" }

[[tool.exitproof.smoke]]
name = "a real job"
args = ["convert", "--to", "csv", "-"]
stdin = "text:1;2;3"
expect-output = "^1,2,3$"
run-timeout = "20s"
\`\`\``;

/** docs/settings.md, whole. */
export function settingsPage(): string {
  const group = (title: string): string[] => {
    const names = namesOf(TABLE).filter((name) => TABLE[name].group === title);
    return [`## ${title}`, '', ...names.flatMap((name) => section(name, TABLE[name]))];
  };
  const fields = Object.entries(SMOKE_FIELDS).map(([name, { type, sentence }]) => [
    `\`${name}\``,
    type.label,
    sentence,
  ]);
  const lines = [
    INTRODUCTION,
    ...Object.values(GROUPS).flatMap(group),
    '## Smoke runs as tables',
    '',
    'In pyproject.toml, one `[[tool.exitproof.smoke]]` table a run, in place of lines of arguments. What it leaves out is',
    'taken from the settings above.',
    '',
    ...table(['key', 'type', 'meaning'], fields),
    '',
    EXAMPLE,
    '',
    '## `restore`',
    '',
    'Inputs of the action `restore`, and flags of `exitproof restore`. `add-to-path` is for the action alone; the flags of',
    '“What is said” are for the CLI.',
    '',
    ...table(
      HEAD,
      namesIn(RESTORE_TABLE, 'input').map((name) => settingRow(name, RESTORE_TABLE[name])),
    ),
    '',
    '## `merge`',
    '',
    'Inputs of the action `merge`. `exitproof merge` takes the reports behind its flags, and `report` in place of `output`.',
    '',
    ...table(
      HEAD,
      namesIn(MERGE_TABLE, 'input').map((name) => settingRow(name, MERGE_TABLE[name])),
    ),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}
