import { afterAll, expect, test } from 'vitest';
import { fakeRunner } from '../../support/fakeRunner.ts';

const runner = fakeRunner();
afterAll(runner.remove);
const restore = (inputs: Readonly<Record<string, string>>) =>
  runner.step({
    entry: 'src/action/restore.ts',
    inputs,
    env: { XDG_CACHE_HOME: runner.temp },
  });

test.for([
  [{}, 'got neither'],
  [{ key: 'a', archive: 'b' }, 'got both'],
  [{ key: 'a', 'on-miss': 'ignore' }, 'continue'],
  [{ key: 'a', 'add-to-path': 'yes' }, 'true or false'],
] as const)('%j is refused in one sentence', async ([inputs, said]) => {
  const step = await restore(inputs);
  expect(step.exitCode).toBe(2);
  expect(step.commands).toMatchObject([{ name: 'error', message: expect.stringContaining(said) }]);
});

test('a key that nobody saved fails the step, and says why', async () => {
  const step = await restore({ key: 'exitproof-nothing' });
  expect(step.exitCode, step.stdout).toBe(1);
  expect(step.outputs).toMatchObject({ result: 'miss', reason: 'no entry has this key' });
  expect(step.outputs['path']).toBeUndefined();
  expect(step.commands.filter(({ name }) => name === 'error')).toMatchObject([
    { message: 'miss: no entry has this key' },
  ]);
});

test('with on-miss: continue it is an output, and no failure', async () => {
  const step = await restore({ key: 'exitproof-nothing', 'on-miss': 'continue' });
  expect(step.exitCode, step.stdout).toBe(0);
  expect(step.outputs['result']).toBe('miss');
  expect(step.commands.map(({ name }) => name)).toEqual(['group', 'endgroup']);
});
