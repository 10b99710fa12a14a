/** The release that first had a flag which `builder-args` may well name, by pex's own change log. */
const FIRST_VERSION: Readonly<Record<string, string>> = {
  '--venv-repository': '2.59.0',
};

/** Words for a flag of `builder-args` that this pex doesn't have; null where that isn't why it failed. */
export function explainFlag(
  stderr: string,
  args: readonly string[],
  version: string,
): { readonly message: string; readonly hint: string | undefined } | null {
  const refused = /unrecognized arguments: (.+)$/m.exec(stderr)?.[1]?.split(' ') ?? [];
  const flag = refused.map((word) => word.replace(/=.*/, '')).find((word) => word.startsWith('-'));
  if (flag === undefined || !args.some((arg) => arg.startsWith(flag))) return null;
  const first = FIRST_VERSION[flag];
  return {
    message:
      first === undefined
        ? `builder-args: pex ${version} has no flag ${flag}.`
        : `builder-args: pex ${version} has no flag ${flag}; the first version that has it is ${first}.`,
    hint: first === undefined ? undefined : `Set \`builder-version\` to ${first} or newer.`,
  };
}
