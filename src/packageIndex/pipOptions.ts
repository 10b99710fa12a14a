import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One setting of pip, by its long option's name: `index-url`. */
export interface PipOption {
  readonly name: string;
  /** As it is written; of several lines, one below the other. */
  readonly value: string;
  /** `global`, or the name of a command that it is for. */
  readonly section: string;
}

export interface PipOptions {
  /** Of its variables, which go before what stands in files. */
  readonly variables: readonly PipOption[];
  /** Of its files, the later before the earlier. */
  readonly files: readonly PipOption[];
  /** All that was read, as one text that differs where a setting does. */
  readonly text: string;
}

/** Settings that say where packages come from or what is printed, in a way that any client could follow. */
export const PLAIN_OPTIONS: ReadonlySet<string> = new Set([
  ...['index-url', 'extra-index-url', 'find-links', 'trusted-host', 'cert', 'prefer-binary'],
  ...['timeout', 'default-timeout', 'retries', 'resume-retries', 'cache-dir', 'no-cache-dir', 'config-file'],
  ...['exists-action', 'no-clean', 'disable-pip-version-check', 'no-python-version-warning', 'no-input'],
  ...['no-color', 'progress-bar', 'quiet', 'verbose', 'debug', 'log', 'root-user-action', 'user'],
  ...['require-virtualenv', 'break-system-packages', 'no-warn-script-location', 'no-warn-conflicts'],
]);

/** What pip is set to. `prefix` is the interpreter's, which may have a `pip.conf`, too; `machine`: files for all users. */
export function pipOptions(
  env: Environment,
  prefix: string,
  machine: readonly string[] = OF_THE_MACHINE,
): PipOptions {
  const variables = Object.entries(env)
    .flatMap(([name, value = '']) => (name.startsWith('PIP_') && value !== '' ? [{ name, value }] : []))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const texts = configFiles(env, prefix, machine).flatMap((path) => {
    const text = readable(path);
    return text === null ? [] : [{ path, text }];
  });
  return {
    variables: variables.map(({ name, value }) => ({
      name: plain(name.slice('PIP_'.length)),
      value,
      section: 'global',
    })),
    files: texts.flatMap(({ text }) => optionsIn(text)),
    text: JSON.stringify([variables.map(({ name, value }) => [name, value]), texts]),
  };
}

const OF_THE_MACHINE = ['/Library/Application Support/pip/pip.conf', '/etc/pip.conf'];

/** Where pip looks, by its documentation; `/dev/null` as the file turns the others off. */
function configFiles(env: Environment, prefix: string, machine: readonly string[]): readonly string[] {
  const named = env['PIP_CONFIG_FILE'] ?? '';
  if (named === '/dev/null') return [];
  const home = env['HOME'] ?? '';
  const config = env['XDG_CONFIG_HOME'] ?? (home === '' ? '' : join(home, '.config'));
  const system = (env['XDG_CONFIG_DIRS'] ?? '/etc/xdg').split(':').filter((folder) => folder !== '');
  return [
    ...system.map((folder) => join(folder, 'pip', 'pip.conf')),
    ...machine,
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

/** As Python's `configparser` reads them: a line that is indented goes on with the one before it. */
function optionsIn(text: string): PipOption[] {
  const options: PipOption[] = [];
  let section = '';
  let goesOn = false;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const last = options.at(-1);
    if (/^\s/.test(line) && goesOn && last !== undefined) {
      options[options.length - 1] = { ...last, value: `${last.value}\n${line.trim()}`.trim() };
      continue;
    }
    const header = /^\s*\[(.+)\]/.exec(line)?.[1];
    if (header !== undefined) section = header;
    const [, name, value] = /^\s*([A-Za-z][\w-]*)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    goesOn = header === undefined;
    if (name !== undefined && value !== undefined) options.push({ name: plain(name), value, section });
  }
  return options;
}

const plain = (name: string): string => name.toLowerCase().replaceAll('_', '-').replace(/^-+/, '');
