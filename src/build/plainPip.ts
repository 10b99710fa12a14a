import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PLAIN_OPTIONS } from '../packageIndex/places.ts';
import type { Environment } from '../toolchain/paths.ts';

/** Settings of pip that say where packages come from or what is printed, and not what is chosen or how it is built. */
const HARMLESS = new Set([...PLAIN_OPTIONS, 'no-index', 'keyring-provider', 'client-cert', 'proxy']);

/**
 * What pip is set to, as one text that differs where a setting does; null where something in it may bend what a build
 * environment holds or how a wheel is built in it. `prefix` is the interpreter's, which may have a `pip.conf`, too.
 */
export function plainPipSettings(env: Environment, prefix: string): string | null {
  const { isPlain, text } = settingsOf(env, prefix);
  return isPlain ? text : null;
}

/** The same where it is not plain: a wheel that was built under it is another than one that wasn't. Null where it is. */
export function bendingPipSettings(env: Environment, prefix: string): string | null {
  const { isPlain, text } = settingsOf(env, prefix);
  return isPlain ? null : text;
}

function settingsOf(env: Environment, prefix: string): { readonly isPlain: boolean; readonly text: string } {
  const variables = Object.entries(env)
    .filter(([name, value]) => name.startsWith('PIP_') && value !== undefined && value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const named = variables.map(([name]) => name.slice('PIP_'.length).toLowerCase().replaceAll('_', '-'));
  const texts = configFiles(env, prefix).flatMap((path) => {
    const text = readable(path);
    return text === null ? [] : [{ path, text }];
  });
  const options = texts.flatMap(({ text }) =>
    // Indented, it may be an option all the same. An address that goes on from the line before is none.
    [...text.matchAll(/^[ \t]*-{0,2}([A-Za-z][\w-]*)[ \t]*(?:=|:(?!\/\/))/gm)].map(([, name = '']) =>
      name.toLowerCase().replaceAll('_', '-'),
    ),
  );
  const isPlain = [...named, ...options].every((name) => HARMLESS.has(name));
  return { isPlain, text: JSON.stringify([variables, texts]) };
}

/** Where pip looks, by its documentation; `/dev/null` as the file turns the others off. */
function configFiles(env: Environment, prefix: string): readonly string[] {
  const named = env['PIP_CONFIG_FILE'] ?? '';
  if (named === '/dev/null') return [];
  const home = env['HOME'] ?? '';
  const config = env['XDG_CONFIG_HOME'] || (home === '' ? '' : join(home, '.config'));
  const system = (env['XDG_CONFIG_DIRS'] || '/etc/xdg').split(':').filter((folder) => folder !== '');
  return [
    ...system.map((folder) => join(folder, 'pip', 'pip.conf')),
    '/etc/pip.conf',
    ...(home === ''
      ? []
      : [join(home, '.pip', 'pip.conf'), join(home, 'Library/Application Support/pip/pip.conf')]),
    ...(config === '' ? [] : [join(config, 'pip', 'pip.conf')]),
    join(prefix, 'pip.conf'),
    ...(named === '' ? [] : [named]),
  ];
}

function readable(path: string): string | null {
  try {
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  } catch {
    return null;
  }
}
