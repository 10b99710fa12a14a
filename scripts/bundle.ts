import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

const root = resolve(import.meta.dirname, '..');

const ENTRIES = {
  cli: 'src/cli.ts',
  main: 'src/action/main.ts',
  post: 'src/action/post.ts',
  restore: 'src/action/restore.ts',
  merge: 'src/action/merge.ts',
  index: 'src/index.ts',
} as const;

const KB = 1024;
/** What is read before the first line of output: it bounds the start-up time. */
const START_LIMIT = 60 * KB;
const DIST_LIMIT = 3 * KB * KB;
const START_LIMITED = ['cli', 'main'] as const;

/**
 * Parts of `@actions/core` that nothing here uses and that a start would pay for. OIDC alone needs an HTTP client,
 * which is 766 of the package's 793 KB and 60 ms; the platform's details need `@actions/exec`.
 */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'oidc-utils': `export const OidcClient = {
    getIDToken() { throw new Error('OIDC is left out of this bundle, see scripts/bundle.ts'); },
  };`,
  platform: `export function getDetails() {
    throw new Error('the platform is left out of this bundle, see scripts/bundle.ts');
  }`,
};

const smallCore: Plugin = {
  name: 'small-core',
  setup(plugin) {
    plugin.onLoad(
      { filter: /[\\/]@actions[\\/]core[\\/]lib[\\/](oidc-utils|platform)\.js$/ },
      ({ path }) => ({
        loader: 'js',
        contents: LEFT_OUT[basename(path, '.js')] ?? '',
      }),
    );
  },
};

export interface Bundle {
  /** Bytes that each entry loads before it runs, by the entry's name. */
  readonly start: Readonly<Record<string, number>>;
  /** Bytes of the whole folder. */
  readonly total: number;
  /** One sentence for each limit that is passed. */
  readonly complaints: readonly string[];
}

/** Writes the bundle into `outdir`, which is emptied first. Same sources, same bytes. */
export async function bundle(outdir: string): Promise<Bundle> {
  rmSync(outdir, { recursive: true, force: true });
  const present = Object.fromEntries(
    Object.entries(ENTRIES).filter(([, source]) => existsSync(join(root, source))),
  );
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: present,
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    chunkNames: 'chunks/[name]-[hash]',
    // Names stay: the toolkit tells its errors apart by `error.name`, taken from the class.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    // CommonJS dependencies of the cache SDK and archiver call `require` for Node's own modules.
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
    plugins: [smallCore],
    metafile: true,
    logLevel: 'warning',
  });
  writeFileSync(join(outdir, 'licenses.txt'), licenses(metafile));
  if ('index' in present) emitTypes(outdir);

  const start = Object.fromEntries(
    Object.entries(present).map(([name, source]) => [name, staticSize(metafile, source)]),
  );
  const total = folderSize(outdir);
  const complaints = START_LIMITED.flatMap((name) => {
    const size = start[name] ?? 0;
    return size > START_LIMIT
      ? [`${name}.js loads ${kb(size)} at start, the limit is ${kb(START_LIMIT)}`]
      : [];
  });
  if (total > DIST_LIMIT) complaints.push(`the bundle has ${kb(total)}, the limit is ${kb(DIST_LIMIT)}`);
  return { start, total, complaints };
}

export function kb(bytes: number): string {
  return `${(bytes / KB).toFixed(1)} KB`;
}

function staticSize(metafile: Metafile, source: string): number {
  const first = Object.keys(metafile.outputs).find((path) => metafile.outputs[path]?.entryPoint === source);
  if (first === undefined) throw new Error(`no output for ${source}`);
  const seen = new Set<string>([first]);
  for (const path of seen) {
    for (const imported of metafile.outputs[path]?.imports ?? []) {
      if (imported.kind === 'import-statement' && imported.external !== true) seen.add(imported.path);
    }
  }
  return [...seen].reduce((sum, path) => sum + (metafile.outputs[path]?.bytes ?? 0), 0);
}

function folderSize(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + readFileSync(join(entry.parentPath, entry.name)).length, 0);
}

/** The licence of every package of which a part is in the bundle. */
function licenses(metafile: Metafile): string {
  const folders = new Set<string>();
  for (const output of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const folder = bytesInOutput > 0 ? packageFolder(input) : null;
      if (folder !== null) folders.add(folder);
    }
  }
  const sections = [...folders].map((folder) => {
    const manifest: unknown = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const { name, version, license } = manifest as { name: string; version: string; license?: string };
    const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
    const text =
      file === undefined ? '' : readFileSync(join(root, folder, file), 'utf8').replaceAll('\r\n', '\n');
    return `${name} ${version}\n${license ?? 'see below'}\n\n${text.trim()}\n`;
  });
  return sections.sort().join(`\n${'-'.repeat(80)}\n\n`);
}

function packageFolder(input: string): string | null {
  const at = input.lastIndexOf('node_modules/');
  if (at === -1) return null;
  const prefix = input.slice(0, at + 'node_modules/'.length);
  const [first = '', second = ''] = input.slice(prefix.length).split('/');
  return prefix + (first.startsWith('@') ? `${first}/${second}` : first);
}

/** Declarations for those who import the package, below `types/`: `exports` in package.json points there. */
function emitTypes(outdir: string): void {
  const typescript = createRequire(import.meta.url).resolve('typescript/package.json');
  const tsc = ['bin/tsc', 'bin/tsc.js'].map((path) => join(dirname(typescript), path)).find(existsSync);
  if (tsc === undefined) throw new Error('tsc is missing from the typescript package');
  const options = ['--noEmit', 'false', '--emitDeclarationOnly', '--declaration'];
  const config = join(root, 'scripts', 'tsconfig.types.json');
  execFileSync(process.execPath, [tsc, '-p', config, ...options, '--outDir', join(outdir, 'types')], {
    cwd: root,
    stdio: 'inherit',
  });
}
