import { type Environment, PLAIN_OPTIONS, pipOptions } from '../packageIndex/pipOptions.ts';

/** Settings of pip that say where packages come from or what is printed, and not what is chosen or how it is built. */
const HARMLESS = new Set([...PLAIN_OPTIONS, 'no-index', 'keyring-provider', 'client-cert', 'proxy']);

/**
 * What pip is set to, as one text that differs where a setting does; null where something in it may bend what a build
 * environment holds or how a wheel is built in it. `prefix` is the interpreter's.
 */
export function plainPipSettings(env: Environment, prefix: string): string | null {
  const { variables, files, text } = pipOptions(env, prefix);
  return [...variables, ...files].every(({ name }) => HARMLESS.has(name)) ? text : null;
}
