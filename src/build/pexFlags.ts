/** Flags that came after 2.28.1, by the release that first had them (read from pex's own tagged sources). */
const ADDED: Readonly<Record<string, readonly string[]>> = {
  '2.29.0': ['--keyring-provider'],
  '2.35.0': ['--resume-retries'],
  '2.39.0': ['--pep-751-lock', '--pex-lock', '--pylock'],
  '2.40.0': ['--pylock-dependency-group', '--pylock-extra', '--pylock-group'],
  '2.45.0': ['--scie-assets-base-url'],
  '2.46.0': ['--scie-base'],
  '2.53.0': ['--with-requirements'],
  '2.58.0': ['--derive-sources-from-requirements-files'],
  '2.59.0': ['--venv-repository'],
  '2.65.0': [
    '--no-scie-pbs-debug',
    '--no-scie-pbs-free-threaded',
    '--scie-pbs-debug',
    '--scie-pbs-free-threaded',
  ],
  '2.74.0': ['--build-properties', '--build-property', '--no-record-git-state', '--record-git-state'],
  '2.75.0': ['--no-scie-load-dotenv', '--scie-load-dotenv'],
  '2.76.0': ['--no-scie-pex-entrypoint-env-passthrough', '--scie-pex-entrypoint-env-passthrough'],
  '2.81.0': ['--bind-resource-path', '--scie-args', '--scie-bind-resource-path', '--scie-env', '--scie-exe'],
  '2.85.0': ['--interpreter-selection-strategy'],
  '2.86.0': [
    '--no-scie-prompt-desktop-install',
    '--scie-desktop-file',
    '--scie-icon',
    '--scie-prompt-desktop-install',
  ],
  '2.92.0': ['--uploaded-prior-to'],
  '2.95.0': [
    '--compression-level',
    '--compression-method',
    '--native-runtime',
    '--no-native-runtime',
    '--no-pexrc',
    '--no-rc',
    '--pexrc',
    '--pexrc-binary',
    '--pexrc-platform',
    '--rc',
  ],
  '2.98.0': ['--scie-windowed'],
};

function firstVersion(flag: string): string | undefined {
  return Object.entries(ADDED).find(([, flags]) => flags.includes(flag))?.[0];
}

/** Words for a flag of `builder-args` that this pex doesn't have; null where that isn't why it failed. */
export function explainFlag(
  stderr: string,
  args: readonly string[],
  version: string,
): { readonly message: string; readonly hint: string | undefined } | null {
  const refused = /unrecognized arguments: (.+)$/m.exec(stderr)?.[1]?.split(' ') ?? [];
  const flag = refused.map((word) => word.replace(/=.*/, '')).find((word) => word.startsWith('-'));
  if (flag === undefined || !args.some((arg) => arg.startsWith(flag))) return null;
  const first = firstVersion(flag);
  return {
    message:
      first === undefined
        ? `builder-args: pex ${version} has no flag ${flag}.`
        : `builder-args: pex ${version} has no flag ${flag}; the first version that has it is ${first}.`,
    hint: first === undefined ? undefined : `Set \`builder-version\` to ${first} or newer.`,
  };
}
