/** Logical lines of a requirements file: comments gone, continuations joined. */
export function requirementLines(text: string): { readonly line: number; readonly text: string }[] {
  const result: { line: number; text: string }[] = [];
  let open: { line: number; text: string } | null = null;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const continued = raw.endsWith('\\');
    const plain = (continued ? raw.slice(0, -1) : raw).replace(/(^|\s)#.*$/, '').trim();
    const begun: { line: number; text: string } = open ?? { line: index + 1, text: '' };
    open = { line: begun.line, text: `${begun.text} ${plain}`.trim() };
    if (continued) continue;
    if (open.text !== '') result.push(open);
    open = null;
  }
  if (open !== null && open.text !== '') result.push(open);
  return result;
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?/;
const AFTER_NAME = /^\s*(\[[^\]]*\])?\s*($|[<>]|[=!~]=|[;@(]|--hash)/;

/** Whether pip could take the line for a requirement, an option, a path or an address. */
export function isRequirementLine(line: string): boolean {
  if (line.startsWith('-')) return true;
  if (/^(\.{0,2}\/|[a-z+]+:\/\/|~\/|\$\{|\.$|\.\[)/i.test(line) || /\.(whl|zip|tar\.gz)\b/.test(line))
    return true;
  const name = NAME.exec(line)?.[0];
  if (name === undefined) return false;
  const rest = line.slice(name.length);
  return AFTER_NAME.test(rest) || /^\//.test(rest);
}

/** Every requirement carries a hash, and nothing is read from other files: the text says all. */
export function isHashed(text: string): boolean {
  const lines = requirementLines(text).filter(({ text: line }) => !isIndexOption(line));
  return (
    lines.length > 0 && lines.every(({ text: line }) => !line.startsWith('-') && line.includes('--hash='))
  );
}

/** The first requirement without a hash in a file that has hashes, which pip refuses; undefined where all is well. */
export function bareAmongHashed(text: string): { readonly line: number; readonly text: string } | undefined {
  const lines = requirementLines(text).filter(({ text: line }) => !line.startsWith('-'));
  const bare = lines.filter(({ text: line }) => !line.includes('--hash='));
  return bare.length < lines.length ? bare[0] : undefined;
}

/**
 * Names in a requirements file of which tomorrow another version may be the newest that fits. None where constraints may
 * say more; what is meant for some systems only is not looked at.
 */
export function unpinnedNames(text: string): readonly string[] {
  const lines = requirementLines(text).map(({ text: line }) => line);
  if (lines.some((line) => /^(-c|--constraint)\b/.test(line))) return [];
  return lines.flatMap((line) => {
    const name = line.startsWith('-') || line.includes(';') ? null : requirementName(line);
    const isExact = /^[^@]*===?\s*[^\s,*]+\s*($|[,\s])/.test(line) || line.includes('@');
    return name === null || isExact ? [] : name;
  });
}

function isIndexOption(line: string): boolean {
  return /^(--index-url|-i|--extra-index-url|--find-links|-f|--no-index|--trusted-host|--require-hashes|--only-binary|--no-binary|--prefer-binary)\b/.test(
    line,
  );
}

/** The distribution's name at the head of a requirement; null for a path or an address. */
export function requirementName(requirement: string): string | null {
  return isPathLike(requirement) ? null : (NAME.exec(requirement.trim())?.[0] ?? null);
}

function isPathLike(requirement: string): boolean {
  return (
    /^(\.|\/|~|[a-z+]+:\/\/)/i.test(requirement.trim()) ||
    /^[^@;[]*\.(whl|zip|tar\.gz)$/.test(requirement.trim())
  );
}
