import { rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { workFolder } from '../../src/workFolder.ts';
import { temporaryFolder } from '../support/tmp.ts';

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmdirSync(folder);
});

async function madeWith(env: Readonly<Record<string, string>>): Promise<string> {
  const folder = await workFolder(env);
  made.push(folder);
  return dirname(folder);
}

test("the work folder lies in the runner's own temporary folder", async () => {
  const temp = temporaryFolder('runner');
  expect(await madeWith({ RUNNER_TEMP: temp })).toBe(temp);
});

test("an empty RUNNER_TEMP is none: the machine's temporary folder is taken, and not the working directory", async () => {
  expect(await madeWith({ RUNNER_TEMP: '' })).toBe(await madeWith({}));
  expect(await madeWith({ RUNNER_TEMP: '' })).not.toBe(process.cwd());
});
