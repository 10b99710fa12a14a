import { normaliseName } from '../packageIndex/wheelName.ts';
import { problem } from '../problem.ts';
import type { Entry } from './model.ts';
import type { WheelFacts } from './wheelFile.ts';

/** What the sources alone say, before anything is built. */
export interface SourceFacts {
  /** Normalised name of the distribution; null where there is none or only the backend knows. */
  readonly name: string | null;
  /** Null where only the build backend knows. */
  readonly scripts: readonly string[] | null;
  /** Dotted names of packages with a `__main__`, the one named like the project first. */
  readonly mains: readonly string[];
  readonly hasFile: (path: string) => boolean;
  readonly hasModule: (name: string) => boolean;
  /** Whether a build could make such a module of what lies there: false only where nothing is named like it. */
  readonly mayHaveModule: (name: string) => boolean;
  /** Nothing but the project itself is built in. */
  readonly alone: boolean;
}

const FUNCTION = /^[A-Za-z_][\w.]*:[A-Za-z_][\w.]*$/;
const MODULE = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;

/**
 * The entry point, as far as the sources can tell; null where the wheels must be asked.
 * Throws a settings problem where several scripts are there and none is chosen, or what is chosen can't be there.
 */
export function entryFromSources(wanted: string | null, facts: SourceFacts): Entry | null {
  if (wanted !== null) {
    const from = 'the entry-point setting';
    if (facts.scripts?.includes(wanted) === true) return { kind: 'script', name: wanted, from };
    // A script of that name may yet be found by the build backend.
    if (FUNCTION.test(wanted)) return { kind: 'function', target: wanted, from };
    if (facts.scripts === null) return null;
    if (facts.hasFile(wanted)) return { kind: 'file', path: wanted, from };
    if (MODULE.test(wanted) && facts.hasModule(wanted)) return { kind: 'module', name: wanted, from };
    // Wheels take seconds, and a typing error should not.
    const hopeless = facts.alone && !(MODULE.test(wanted) && facts.mayHaveModule(wanted));
    if (hopeless) throw unknownEntry(wanted, facts.scripts);
    return null;
  }
  return facts.scripts === null ? null : chosen(facts.name, facts.scripts, facts.mains);
}

/** As `entryFromSources`, with the wheels at hand: the last word. `own` are the project's or the requirement's. */
export function entryFromWheels(
  wanted: string | null,
  facts: SourceFacts,
  own: readonly WheelFacts[],
  others: readonly WheelFacts[],
): Entry {
  if (wanted === null) {
    const scripts = own.flatMap((wheel) => wheel.scripts);
    const found = chosen(own[0]?.name ?? facts.name, scripts, own.flatMap(mainsOf));
    if (found !== null) return found;
    throw problem('settings', 'The build has no console script and no package with a __main__ to run.', {
      hint: 'Set `entry-point` to a module:function, a file or a module.',
    });
  }
  const from = 'the entry-point setting';
  const all = [...own, ...others];
  if (all.some((wheel) => wheel.scripts.includes(wanted))) return { kind: 'script', name: wanted, from };
  if (facts.hasFile(wanted)) return { kind: 'file', path: wanted, from };
  if (MODULE.test(wanted) && all.some((wheel) => isRunnable(wanted, wheel))) {
    return { kind: 'module', name: wanted, from };
  }
  throw unknownEntry(
    wanted,
    own.flatMap((wheel) => wheel.scripts),
  );
}

function unknownEntry(wanted: string, scripts: readonly string[]): Error {
  return problem(
    'settings',
    `entry-point: "${wanted}" is neither a console script, a module:function, a file nor a module that can be run.`,
    {
      hint: scripts.length === 0 ? 'The build has no console scripts.' : `Console scripts: ${list(scripts)}.`,
    },
  );
}

function chosen(name: string | null, scripts: readonly string[], mains: readonly string[]): Entry | null {
  const named = scripts.find((script) => name !== null && normaliseName(script) === name);
  if (named !== undefined) return { kind: 'script', name: named, from: 'the script named like the project' };
  const [only, ...more] = scripts;
  if (only !== undefined && more.length === 0) return { kind: 'script', name: only, from: 'the only script' };
  const [main] = mains;
  if (main !== undefined) return { kind: 'module', name: main, from: '__main__.py' };
  if (only === undefined) return null;
  throw problem('settings', `The project has several scripts and none is chosen: ${list(scripts)}.`, {
    hint: `Set \`entry-point\` to one of them.`,
  });
}

function mainsOf(wheel: WheelFacts): string[] {
  const mains = [...wheel.modules]
    .filter((name) => name.endsWith('.__main__'))
    .map((name) => name.slice(0, -9));
  const top = mains.filter((name) => !name.includes('.'));
  const like = (name: string): number => (normaliseName(name) === wheel.name ? 0 : 1);
  return top.sort((a, b) => like(a) - like(b));
}

/** A module by itself, or a package with a `__main__`. */
function isRunnable(name: string, wheel: WheelFacts): boolean {
  if (!wheel.modules.has(name)) return false;
  const isPackage = [...wheel.modules].some((module) => module.startsWith(`${name}.`));
  return !isPackage || wheel.modules.has(`${name}.__main__`);
}

function list(names: readonly string[]): string {
  const sorted = [...names].sort();
  return sorted.length <= 12
    ? sorted.join(', ')
    : `${sorted.slice(0, 12).join(', ')} and ${sorted.length - 12} more`;
}
