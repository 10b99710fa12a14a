import { afterAll, expect, test } from 'vitest';
import { fakeRunner } from '../../support/fakeRunner.ts';

const runner = fakeRunner();
afterAll(runner.remove);

test.for([
  ['run-timeout', '10', 'takes'],
  ['cache', 'sometimes', 'auto'],
  ['project', 'nowhere', 'nowhere'],
  ['teardown-timout', '5s', 'teardown-timeout'],
] as const)('input %s: %s ends with 2 and one sentence, and nothing runs', async ([name, value, said]) => {
  const step = await runner.step({ entry: 'src/action/main.ts', inputs: { [name]: value } });
  expect(step.exitCode).toBe(2);
  const [error, ...others] = step.commands.filter(({ name: command }) => command !== 'group');
  expect(error).toMatchObject({ name: 'error', message: expect.stringContaining(said) });
  expect(others).toEqual([]);
  expect(step.outputs).toEqual({});
});

test('post says so where main started nothing, and ends well', async () => {
  const step = await runner.step({ entry: 'src/action/post.ts' });
  expect(step).toMatchObject({ exitCode: 0, commands: [], stdout: 'nothing was started\n' });
});

test('post ends well whatever it finds in the state', async () => {
  for (const state of ['', '{', 'null', '[]', '{"started":true}']) {
    const step = await runner.step({ entry: 'src/action/post.ts', state: { exitproof: state } });
    expect(step).toMatchObject({ exitCode: 0, commands: [] });
  }
});
