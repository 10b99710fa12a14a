import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ToolContext } from '../../toolchain/context.ts';
import { runTool, type ToolResult } from '../../toolchain/exec.ts';
import { toolEnvironment } from '../../toolchain/toolEnvironment.ts';
import type { Module } from './bytecodePack.ts';

/** No module of the folder that it runs in may be found. */
const AWAY = `
import sys
sys.path = [path for path in sys.path if path]
`;

/** What the interpreter adds to the bytes of a compiled module, beside its source and its name. */
const IDENTITY = `${AWAY}
import importlib.util
print(sys.implementation.name, sys.implementation.cache_tag, importlib.util.MAGIC_NUMBER.hex(), sys.version)
`;

/**
 * The name that is compiled in is relative: the interpreter puts the real path in when it loads the file, so the bytes
 * are the same wherever the layout lies. Flags 1: unchecked, since a layout's sources never change, and their times mean
 * nothing.
 *
 * Marshal writes a string otherwise where something else in the process knows it, too, and a set of them is made anew in
 * another order where one was known before. So all of them are: the empty one and single characters from the start, those of a module
 * because `held` has them, and its sets are made while it does. Its bytes are the same whatever was compiled before it.
 * https://github.com/python/cpython/issues/78274
 *
 * Before each module stands the hash of the very bytes that were compiled: the file may have changed since it was listed.
 */
const COMPILE = `${AWAY}
import hashlib, importlib.util, marshal
from types import CodeType

def parts(value):
    if isinstance(value, (str, frozenset)):
        yield value
    if isinstance(value, (tuple, frozenset)):
        for item in value:
            yield from parts(item)
    elif isinstance(value, CodeType):
        yield from parts((value.co_names, value.co_varnames, value.co_freevars, value.co_cellvars, value.co_consts,
                          value.co_name))

for text in ["", *map(chr, range(256))]:
    sys.intern(text)

with open(sys.argv[1], encoding="utf-8") as sources, open(sys.argv[2], "wb") as out:
    for name in sources:
        name = name.rstrip("\\n")
        digest = bytes(32)
        try:
            with open(name, "rb") as file:
                source = file.read()
            digest = hashlib.sha256(source).digest()
            code = compile(source, name, "exec", dont_inherit=True)
            held = list(parts(code))
            if any(isinstance(part, frozenset) for part in held):
                code = compile(source, name, "exec", dont_inherit=True)
                held += parts(code)
            data = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little")
            data += importlib.util.source_hash(source) + marshal.dumps(code)
        except Exception as error:
            print("%s: %s" % (name, error), file=sys.stderr)
            data = b""
        out.write(digest + len(data).to_bytes(4, "little") + data)
`;

/** Names all interpreters that give the same bytes, as they are asked for here; null where one can't be asked. */
export async function bytecodeIdentity(folder: string, context: ToolContext): Promise<string | null> {
  const { exitCode, stdout } = await runPython(folder, ['-c', IDENTITY], context, 'Asking the interpreter');
  if (exitCode !== 0 || stdout.trim() === '') return null;
  return createHash('sha256').update(COMPILE).update(stdout).digest('hex');
}

/** As many processes as every machine has processors for. */
const SHARES = 2;

/**
 * Compiles modules of a layout; the result is by their paths in it. What can't be compiled, or has another source by now,
 * is left out.
 */
export async function compile(
  folder: string,
  modules: readonly Module[],
  context: ToolContext,
): Promise<ReadonlyMap<string, Buffer>> {
  const shares = Array.from({ length: SHARES }, (_, share) =>
    modules.filter((_, index) => index % SHARES === share),
  ).filter((share) => share.length > 0);
  const compiled = await Promise.all(
    shares.map(async (share, index) => {
      const list = join(context.work, `compile-${index}.list`);
      const out = join(context.work, `compile-${index}.out`);
      await writeFile(list, share.map(({ path }) => `${path}\n`).join(''));
      await runPython(folder, ['-c', COMPILE, list, out], context, 'Compiling the layout');
      return cut(share, await readFile(out).catch(() => Buffer.alloc(0)));
    }),
  );
  const found = new Map(compiled.flat());
  if (found.size < modules.length && context.cancel?.aborted !== true) {
    context.log.notice('not all of the layout could be compiled: it starts slower');
  }
  return found;
}

/** The interpreter of the layout. */
function runPython(
  folder: string,
  args: readonly string[],
  context: ToolContext,
  what: string,
): Promise<ToolResult> {
  // A fixed hash seed: the order of sets ends up in the bytes.
  const env = toolEnvironment(context.env, { PYTHONHASHSEED: '0' });
  const tool = join(folder, 'bin', 'python');
  return runTool({ tool, args: ['-sS', ...args], env, cwd: folder }, context, what);
}

/** Bytes of the hash of a source, and of the length of what was made of it. */
const [DIGEST, LENGTH] = [32, 4];

/** The length is 0 where it couldn't be compiled; nothing more follows where the interpreter was ended before. */
function cut(modules: readonly Module[], bytes: Buffer): [path: string, bytes: Buffer][] {
  const found: [string, Buffer][] = [];
  let at = 0;
  for (const { path, sha256 } of modules) {
    const start = at + DIGEST + LENGTH;
    if (start > bytes.length) break;
    const end = start + bytes.readUInt32LE(at + DIGEST);
    if (end > bytes.length) break;
    const isIts = bytes.toString('hex', at, at + DIGEST) === sha256;
    if (isIts && end > start) found.push([path, bytes.subarray(start, end)]);
    at = end;
  }
  return found;
}
