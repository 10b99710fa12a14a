import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { holdTools, whileAlone } from '../../../src/cache/leases.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
});

/** A process that holds the tools, or keeps clearing, until its stdin has a line. */
const HOLDER = `
const { holdTools, whileAlone } = await import(process.argv[1]);
const line = () => new Promise((done) => process.stdin.once('data', done));
if (process.argv[2] === 'job') {
  const lease = await holdTools({ XDG_CACHE_HOME: process.argv[3] });
  console.log('ready');
  await line();
  await lease.release();
} else {
  await whileAlone(process.argv[3] + '/exitproof', async () => { console.log('ready'); await line(); });
}
process.exit();
`;

async function holder(role: 'job' | 'clear', xdg: string) {
  const module = new URL('../../../src/cache/leases.ts', import.meta.url).href;
  const args = ['--no-warnings', '--input-type=module', '-e', HOLDER, module, role, xdg];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) if (line === 'ready') break;
  return {
    end: async () => {
      child.stdin.write('\n');
      await once(child, 'exit');
    },
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

function place() {
  const xdg = temporaryFolder('leases');
  const root = join(xdg, 'exitproof');
  return { xdg, root, jobs: () => readdirSync(join(root, 'jobs')) };
}

const nothing = async (): Promise<string> => 'done';

describe('who uses the private tools', () => {
  it('holds off who clears, until it ends', async () => {
    const { xdg, root, jobs } = place();
    const [one, two] = [await holder('job', xdg), await holder('job', xdg)];
    expect(await whileAlone(root, nothing)).toEqual({ alone: false, jobs: 2 });
    await one.end();
    expect(await whileAlone(root, nothing)).toEqual({ alone: false, jobs: 1 });
    await two.end();
    expect(await whileAlone(root, nothing)).toEqual({ alone: true, value: 'done' });
    expect(jobs()).toEqual([]);
  });

  it('holds off nobody any more once it was killed', async () => {
    const { xdg, root, jobs } = place();
    const killed = await holder('job', xdg);
    await killed.kill();
    expect(jobs()).toHaveLength(1);
    expect(await whileAlone(root, nothing)).toMatchObject({ alone: true });
    expect(jobs()).toEqual([]);
  });

  it('does not hold off itself', async () => {
    const { xdg, root } = place();
    const lease = await holdTools({ XDG_CACHE_HOME: xdg });
    expect(await whileAlone(root, nothing)).toMatchObject({ alone: true });
    await lease?.release();
  });

  it('waits while another clears, and not for one that was killed', async () => {
    const { xdg, jobs } = place();
    const clearing = await holder('clear', xdg);
    let held = false;
    const holding = holdTools({ XDG_CACHE_HOME: xdg }).then((lease) => {
      held = true;
      return lease;
    });
    await new Promise((done) => setTimeout(done, 100));
    expect(held).toBe(false);
    await clearing.end();
    await (await holding)?.release();
    const killed = await holder('clear', xdg);
    await killed.kill();
    const started = performance.now();
    await (await holdTools({ XDG_CACHE_HOME: xdg }))?.release();
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(jobs()).toEqual([]);
  });

  it('counts from another container, whose processes can not be seen, for a day', async () => {
    const { root, jobs } = place();
    const note = join(root, 'jobs', `job-${process.pid}-s1-12345-abcd`);
    mkdirSync(join(root, 'jobs'), { recursive: true });
    writeFileSync(note, '');
    expect(await whileAlone(root, nothing)).toEqual({ alone: false, jobs: 1 });
    utimesSync(note, 1, 1);
    expect(await whileAlone(root, nothing)).toMatchObject({ alone: true });
    expect(jobs()).toEqual([]);
  });

  it('is nobody where nothing can be written', async () => {
    const { xdg } = place();
    writeFileSync(join(xdg, 'file'), '');
    expect(await holdTools({ XDG_CACHE_HOME: join(xdg, 'file') })).toBeNull();
    expect(existsSync(join(xdg, 'exitproof'))).toBe(false);
  });
});
