import { problem } from '../problem.ts';
import { didYouMean } from './nearest.ts';
import { namesIn, type Rows, rowOf } from './row.ts';
import type { Written, WrittenSettings } from './written.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The runner's own rule, as `getInput` of the actions toolkit follows it. */
function variableOf(name: string): string {
  return `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`;
}

/** An input as text: trimmed, null where it is empty, which is how the runner passes one that isn't set. */
function inputText(env: Env, name: string): string | null {
  const text = env[variableOf(name)]?.trim() ?? '';
  return text === '' ? null : text;
}

/** The inputs of `table` that are set, out of the environment that the runner gives an action. */
export function readInputs(table: Rows, env: Env): WrittenSettings {
  const names = namesIn(table, 'input');
  refuseUnknownInputs(env, names);
  const written = new Map<string, Written>();
  for (const name of names) {
    const text = inputText(env, name);
    const row = rowOf(table, name);
    if (text === null || row === null) continue;
    written.set(name, { place: 'input', texts: row.type.split(text, 'input') });
  }
  return written;
}

/**
 * Variables with the prefix that no action sets: `INPUT_METHOD` is how Linux desktops, and so runners at somebody's
 * desk, choose their input method.
 */
const FOREIGN = ['INPUT_METHOD'];

/**
 * The runner only warns of an input that an action doesn't have, and a misspelt timeout would silently be the default.
 */
function refuseUnknownInputs(env: Env, known: readonly string[]): void {
  const variables = new Set(known.map(variableOf));
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith('INPUT_') || variables.has(variable) || FOREIGN.includes(variable)) continue;
    if (value === undefined || value.trim() === '') continue;
    const name = variable.slice('INPUT_'.length).toLowerCase();
    const near = didYouMean(name, known);
    throw problem(
      'settings',
      `input ${name}: exitproof has no such input${near === undefined ? '' : `, ${near}`}`,
      {
        hint: near === undefined ? `the inputs are ${known.join(', ')}` : undefined,
      },
    );
  }
}
