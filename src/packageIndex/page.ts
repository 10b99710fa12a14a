import * as v from 'valibot';

/** A file that an index offers. */
export interface IndexFile {
  readonly filename: string;
  readonly url: URL;
  readonly sha256: string;
  /** A specifier of Python versions; null where it takes any. */
  readonly requiresPython: string | null;
  readonly isYanked: boolean;
}

/** PEP 691. */
export const PAGE_TYPE = 'application/vnd.pypi.simple.v1+json';

/** It becomes the name of a file here. */
const PLAIN_NAME = /^[A-Za-z0-9][\w.+!-]*$/;

const schema = v.object({
  meta: v.object({ 'api-version': v.pipe(v.string(), v.startsWith('1.')) }),
  files: v.array(
    v.object({
      filename: v.string(),
      url: v.string(),
      hashes: v.record(v.string(), v.string()),
      'requires-python': v.nullish(v.string()),
      yanked: v.optional(v.union([v.boolean(), v.string()]), false),
    }),
  ),
});

/**
 * The files on an index's page of one project that have one of these hashes: a page can list thousands. Throws where it
 * is no such page.
 */
export function filesOn(page: string, address: URL, wanted: ReadonlySet<string>): readonly IndexFile[] {
  return v.parse(schema, JSON.parse(page)).files.flatMap((file) => {
    const sha256 = file.hashes['sha256'] ?? '';
    if (!wanted.has(sha256) || !PLAIN_NAME.test(file.filename)) return [];
    const { filename, yanked, 'requires-python': python } = file;
    return {
      filename,
      url: new URL(file.url, address),
      sha256,
      requiresPython: python === undefined || python === null || python === '' ? null : python,
      isYanked: yanked !== false,
    };
  });
}
