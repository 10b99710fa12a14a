const SHOWN = 2;

/**
 * pip's error of a wrong hash names neither the package nor the hashes: they stand in the lines below it, which become
 * one `ERROR:` line for each package. All other lines stay as they are.
 */
export function hashesInOneLine(lines: readonly string[]): string[] {
  const begin = lines.findIndex((line) => /^ERROR: THESE PACKAGES DO NOT MATCH THE HASHES/.test(line));
  if (begin < 0) return [...lines];
  const below = lines.slice(begin + 1);
  const length = below.findIndex((line) => !/^\s/.test(line));
  const end = length < 0 ? below.length : length;
  const mismatches = packagesIn(below.slice(0, end));
  if (mismatches.length === 0) return [...lines];
  return [...lines.slice(0, begin), ...mismatches, ...below.slice(end)];
}

function packagesIn(lines: readonly string[]): string[] {
  const found: string[] = [];
  let name = 'a package';
  let expected: string[] = [];
  for (const line of lines) {
    const wanted = /^\s+Expected\s+(?:(\w+)|or)\s+([0-9a-f]+)$/.exec(line)?.[2];
    const got = /^\s+Got\s+([0-9a-f]+)$/.exec(line)?.[1];
    if (wanted !== undefined) expected = [...new Set([...expected, wanted])];
    else if (got !== undefined) {
      found.push(`ERROR: ${name} does not match its hash: expected ${some(expected)}, got ${got}`);
      expected = [];
    } else {
      name = /^\s+(\S+)(?: .*)?:$/.exec(line)?.[1] ?? name;
      expected = [];
    }
  }
  return found;
}

/** A package of many wheels has as many hashes. */
function some(hashes: readonly string[]): string {
  const more = hashes.length - SHOWN;
  return `${hashes.slice(0, SHOWN).join(' or ')}${more > 0 ? ` or ${more} more` : ''}`;
}
