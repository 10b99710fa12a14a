import * as v from 'valibot';

/** A file that an index offers. */
export interface IndexFile {
  readonly filename: string;
  readonly url: URL;
  readonly sha256: string;
  /** A specifier of Python versions; null where it takes any, undefined where the page doesn't say. */
  readonly requiresPython: string | null | undefined;
  readonly isYanked: boolean;
}

/** PEP 691. */
export const PAGE_TYPE = 'application/vnd.pypi.simple.v1+json';

/** It becomes the name of a file here. */
const PLAIN_NAME = /^[A-Za-z0-9][\w.+!-]*$/;

const pageSchema = v.object({
  meta: v.object({ 'api-version': v.pipe(v.string(), v.startsWith('1.')) }),
  files: v.array(v.looseObject({ hashes: v.looseObject({}) })),
});
const fileSchema = v.object({
  filename: v.string(),
  url: v.string(),
  hashes: v.object({ sha256: v.string() }),
  'requires-python': v.nullish(v.string()),
  yanked: v.optional(v.union([v.boolean(), v.string()]), false),
});

/**
 * The files on an index's page of one project that have one of these hashes: a page can list thousands. Throws where it
 * is no such page.
 */
export function filesOn(page: string, address: URL, wanted: ReadonlySet<string>): readonly IndexFile[] {
  return v.parse(pageSchema, JSON.parse(page)).files.flatMap((one) => {
    const hash = one.hashes['sha256'];
    if (typeof hash !== 'string' || !wanted.has(hash)) return [];
    const file = v.parse(fileSchema, one);
    const { filename, yanked, 'requires-python': python } = file;
    const { sha256 } = file.hashes;
    if (!PLAIN_NAME.test(filename)) return [];
    return {
      filename,
      url: new URL(file.url, address),
      sha256,
      requiresPython: python === '' ? null : python,
      isYanked: Boolean(yanked),
    };
  });
}
