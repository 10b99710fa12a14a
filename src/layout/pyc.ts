import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ToolContext } from '../toolchain/context.ts';
import { runTool } from '../toolchain/exec.ts';
import { toolEnvironment } from '../toolchain/toolEnvironment.ts';
import type { Entry, Manifest } from './manifest.ts';
import { byBytes, parentsOf } from './paths.ts';
import { describe, placesOf } from './scan.ts';

/**
 * `dfile` is relative: the interpreter puts the real path in when it loads the file, so the bytes are the same
 * wherever the layout lies. Unchecked: a layout's sources never change, and their times mean nothing.
 */
const COMPILE = `
import sys
sys.path = [path for path in sys.path if path]
import os, py_compile
os.umask(0o022)
for line in open(sys.argv[1], encoding="utf-8"):
    source, target = line.rstrip("\\n").split("\\t")
    try:
        py_compile.compile(source, target, dfile=source, doraise=True,
                           invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    except Exception as error:
        print("%s: %s" % (source, error), file=sys.stderr)
`;

export interface BytecodeOptions {
  /** The layout that is shipped. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** What came while it ran, relative to it: what it compiled for itself is what a start needs. */
  readonly added: readonly string[];
}

/** Compiles in the layout what it had compiled for itself. Returns the manifest with the new files. */
export async function addBytecode(
  { folder, manifest, added: came }: BytecodeOptions,
  context: ToolContext,
): Promise<Manifest> {
  const known = new Map(manifest.map((entry) => [entry.path, entry]));
  const wanted: [source: string, target: string][] = [];
  for (const path of [...came].sort(byBytes)) {
    const match = /^(.*)__pycache__\/([^/]+)\.[a-z]+-?\d+\.pyc$/.exec(path);
    const source = `${match?.[1] ?? ''}${match?.[2] ?? ''}.py`;
    if (match !== null && !known.has(path) && known.get(source)?.kind === 'file') wanted.push([source, path]);
  }
  if (wanted.length === 0) return manifest;
  const places = await placesOf(folder);
  await compile(places.layout, wanted, context);

  const added = new Set(wanted.flatMap(([, target]) => [target, ...parentsOf(target)]));
  const entries: Entry[] = [...manifest];
  for (const path of added) {
    if (known.has(path)) continue;
    // What did not compile is no loss: the interpreter does it at each start, as it did before.
    if (!existsSync(join(places.layout, path))) continue;
    const entry = describe(places, path);
    if (typeof entry !== 'string') entries.push(entry);
  }
  return entries.sort((a, b) => byBytes(a.path, b.path));
}

/** As many processes as every machine has processors for; fixed, since what is compiled before may show in the bytes. */
const SHARES = 2;

async function compile(
  folder: string,
  files: readonly (readonly [string, string])[],
  context: ToolContext,
): Promise<void> {
  // A fixed hash seed: the order of sets ends up in the bytes.
  const env = toolEnvironment(context.env, { PYTHONHASHSEED: '0' });
  const tool = join(folder, 'bin', 'python');
  const shares = Array.from({ length: SHARES }, (_, share) =>
    files.filter((_, index) => index % SHARES === share),
  );
  const codes = await Promise.all(
    shares.map(async (share, index) => {
      const list = join(context.work, `to-compile-${index}`);
      await writeFile(list, share.map((pair) => `${pair.join('\t')}\n`).join(''));
      const args = ['-sS', '-c', COMPILE, list];
      return (await runTool({ tool, args, env, cwd: folder }, context, 'Compiling the layout')).exitCode;
    }),
  );
  if (codes.every((code) => code === 0) || context.cancel?.aborted === true) return;
  context.log.notice('not all of the layout could be compiled: it starts slower');
}
