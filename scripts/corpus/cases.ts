import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixture } from '../../test/support/paths.ts';
import { type Expectation, parseExpectation } from './expectation.ts';

export interface Case {
  readonly name: string;
  readonly folder: string;
  readonly expectation: Expectation;
  readonly hasNative: boolean;
  readonly requirements: string | null;
  /** Forces the outcome of an intermittent case. */
  readonly dice: 'hang' | 'ok';
}

/** All cases, by name; an intermittent one twice, with both outcomes forced. */
export function allCases(): readonly Case[] {
  const root = fixture('corpus');
  const names = readdirSync(root).filter((name) => existsSync(join(root, name, 'expect.json')));
  return names.sort().flatMap((name) => {
    const one = readCase(name, join(root, name));
    return one.expectation.deterministic === false ? [one, withLuck(one)] : [one];
  });
}

function readCase(name: string, folder: string): Case {
  const list = join(folder, 'requirements.txt');
  return {
    name,
    folder,
    expectation: parseExpectation(readFileSync(join(folder, 'expect.json'), 'utf8')),
    hasNative: existsSync(join(folder, 'native.c')),
    requirements: existsSync(list) ? readFileSync(list, 'utf8') : null,
    dice: 'hang',
  };
}

function withLuck(one: Case): Case {
  return { ...one, name: `${one.name}:ok`, dice: 'ok', expectation: { verdict: 'passed' } };
}

/** `count` of them, evenly spread, the same ones each time. */
export function sample(cases: readonly Case[], count: number): readonly Case[] {
  if (count >= cases.length) return cases;
  return cases.filter(
    (_, at) => Math.floor((at * count) / cases.length) !== Math.floor(((at - 1) * count) / cases.length),
  );
}
