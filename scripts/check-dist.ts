/** Fails unless `dist/` is what the sources give, and what is there runs: on the action's Node and on the machine's. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fakeRunner } from '../test/support/fakeRunner.ts';
import { bundle } from './bundle.ts';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');
const complaints: string[] = [];
const done: string[] = [];

function expectThat(truth: boolean, what: string): void {
  (truth ? done : complaints).push(what);
}

function files(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

async function compare(): Promise<void> {
  const fresh = mkdtempSync(join(tmpdir(), 'exitproof-dist-'));
  try {
    complaints.push(...(await bundle(fresh)).complaints);
    const names = new Set([...files(fresh), ...files(dist)]);
    const stale = [...names].filter((name) => {
      const [a, b] = [join(fresh, name), join(dist, name)];
      return !(existsSync(a) && existsSync(b) && readFileSync(a).equals(readFileSync(b)));
    });
    const list = stale.slice(0, 5).join(', ');
    expectThat(
      stale.length === 0,
      `dist is what the sources give${list && `; stale: ${list}: npm run build`}`,
    );
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** The `node` that a user of this machine gets: the first on PATH that npm didn't put there. */
function machinesNode(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders
    .map((folder) => join(folder, 'node'))
    .find((path) => existsSync(path) && !path.includes('node_modules'));
  return found === undefined ? null : realpathSync(found);
}

async function runWith(node: string): Promise<void> {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  const manifest: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const printed = execFileSync(node, [join(dist, 'cli.js'), '--version'], { encoding: 'utf8' });
  expectThat(printed.includes(manifest.version), `cli --version on Node ${version}`);
  execFileSync(node, [
    '--input-type=module',
    '--eval',
    `const { watch } = await import(${JSON.stringify(join(dist, 'index.js'))}); if (typeof watch !== 'function') throw new Error('no watch');`,
  ]);
  expectThat(true, `import { watch } on Node ${version}`);

  const runner = fakeRunner();
  try {
    const main = await runner.step({ entry: 'dist/main.js', inputs: { 'run-timeout': '10' }, node });
    expectThat(
      main.exitCode === 2 && main.commands.filter(({ name }) => name === 'error').length === 1,
      `main refuses a bad setting on Node ${version}`,
    );
    const post = await runner.step({ entry: 'dist/post.js', state: main.state, node });
    expectThat(post.exitCode === 0, `post ends well on Node ${version}`);
    const restore = await runner.step({ entry: 'dist/restore.js', node });
    expectThat(restore.exitCode === 2, `restore asks for a key on Node ${version}`);
  } finally {
    runner.remove();
  }
}

await compare();
const nodes = new Set([realpathSync(process.execPath), machinesNode()]);
for (const node of nodes) if (node !== null) await runWith(node);
for (const line of done) console.log(`ok: ${line}`);
for (const line of complaints) console.error(`error: ${line}`);
if (complaints.length > 0) process.exitCode = 1;
