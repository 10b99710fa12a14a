import { problem } from '../problem.ts';
import { didYouMean } from './nearest.ts';
import { rowOf, SETTING_NAMES, type SettingName } from './table.ts';
import type { Written, WrittenSettings } from './written.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The runner's own rule, as `getInput` of the actions toolkit follows it. */
function variableOf(name: string): string {
  return `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`;
}

/** An input as text: trimmed, null where it is empty, which is how the runner passes one that isn't set. */
export function inputText(env: Env, name: string): string | null {
  const text = env[variableOf(name)]?.trim() ?? '';
  return text === '' ? null : text;
}

export function readInputs(env: Env, inherited: Env = {}): WrittenSettings {
  const names = SETTING_NAMES.filter((name) => rowOf(name).places.includes('input'));
  refuseUnknownInputs(env, names, inherited);
  const written = new Map<SettingName, Written>();
  for (const name of names) {
    const value = inputText(env, name);
    if (value === null) continue;
    written.set(name, { place: 'input', texts: rowOf(name).type.split(value, 'input') });
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
 * `inherited` is the environment that the runner itself was started in: what stands there too is no input.
 */
export function refuseUnknownInputs(env: Env, known: readonly string[], inherited: Env = {}): void {
  const variables = new Set(known.map(variableOf));
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith('INPUT_') || variables.has(variable) || FOREIGN.includes(variable)) continue;
    if (value === undefined || value.trim() === '' || inherited[variable] === value) continue;
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
