import { basename } from 'node:path';
import type { WatchRequest } from './request.ts';

type Told = Pick<WatchRequest, 'argv' | 'env' | 'observer'>;

/**
 * CPython's own switch for reports of crashes, as a variable to add. Where the probe isn't used nothing else tells where
 * a program crashed. What the user has set, even to nothing, stays.
 */
export function reportSwitch({ observer, env }: Told): Readonly<Record<string, string>> {
  return observer === 'sampler' && env['PYTHONFAULTHANDLER'] === undefined ? { PYTHONFAULTHANDLER: '1' } : {};
}

/** Whether the interpreter was told to write them. An isolated one doesn't look at its environment. */
export function reportsCrashes(request: Told): boolean {
  const { PYTHONFAULTHANDLER } = { ...request.env, ...reportSwitch(request) };
  const [program, ...args] = request.argv;
  const isValue = (index: number) => /^-[a-zA-Z]*[WX]$/.test(args[index - 1] ?? '');
  const rest = args.findIndex((arg, index) => !arg.startsWith('-') && !isValue(index));
  const options = rest === -1 ? args : args.slice(0, rest);
  const isolated = /^python/.test(basename(program)) && options.some((arg) => /^-[a-zA-Z]*[EI]/.test(arg));
  return Boolean(PYTHONFAULTHANDLER) && !isolated;
}
