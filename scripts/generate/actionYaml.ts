import { namesIn, type Rows, rowOf } from '../../src/settings/row.ts';
import { type Block, replaceBlock } from './block.ts';
import { defaultWords } from './markdown.ts';

const MARKS: Block = {
  start: '# Made by `npm run generate`: inputs and outputs. Change src/settings instead.',
  end: '# End of what is made.',
};

/** YAML reads any JSON string as itself. */
const text = JSON.stringify;

/**
 * No input has a `default:`: the runner would pass it as if the user had written it, and pyproject.toml would never
 * count.
 */
function inputs(table: Rows): string[] {
  const lines = ['inputs:'];
  for (const name of namesIn(table, 'input')) {
    const row = rowOf(table, name);
    if (row === null) continue;
    const value = defaultWords(row);
    const sentence = `${row.sentence}${value === null ? '' : ` Default: ${value}.`}`;
    lines.push(`  ${name}:`, `    description: ${text(sentence)}`, '    required: false');
  }
  return lines;
}

function outputs(sentences: Readonly<Record<string, string>>): string[] {
  const lines = ['outputs:'];
  for (const [name, sentence] of Object.entries(sentences)) {
    lines.push(`  ${name}:`, `    description: ${text(sentence)}`);
  }
  return lines;
}

/** `current` with its inputs, and its outputs where they are given, made anew. */
export function actionYaml(
  file: string,
  current: string,
  table: Rows,
  sentences: Readonly<Record<string, string>> | null,
): string {
  const lines = [...inputs(table), ...(sentences === null ? [] : outputs(sentences))];
  return replaceBlock(file, current, MARKS, lines.join('\n'));
}
