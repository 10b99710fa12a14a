import { abiTag, type BaseInterpreter, shortVersion } from './interpreter.ts';
import { carriesPython, type LayoutInfo, type Platform } from './manifest.ts';

/**
 * Why a layout can't run here, in words; null where it can. `interpreter`: that it is to run on, null where there is none.
 * The patch of Python and the version of the C library are the cache key's business.
 */
export function misfit(info: LayoutInfo, interpreter: BaseInterpreter | null, here: Platform): string | null {
  const { platform } = info;
  if (platform !== null && inWords(platform) !== inWords(here)) {
    return `the layout holds compiled code for ${inWords(platform)}, and this machine is ${inWords(here)}`;
  }
  if (carriesPython(info.layout)) return null;
  const wanted = `${info.interpreter.implementation} ${shortVersion(info.interpreter.version)}`;
  if (interpreter === null) return `the layout is for ${wanted}, and no Python was found`;
  const given = `${interpreter.implementation} ${shortVersion(interpreter.version)}`;
  if (wanted.toLowerCase() !== given.toLowerCase()) {
    return `the layout is for ${wanted}, and ${interpreter.python} is ${given}`;
  }
  const [ours, theirs] = [boundAbi(info), boundAbi({ interpreter, platform })];
  if (ours === '' || theirs === '' || ours === theirs) return null;
  return `the layout is for the ABI ${ours}, and that of ${interpreter.python} is ${theirs}`;
}

/** What an interpreter's ABI has to be, or begin with where nothing is compiled: Python alone runs on every system. */
export function boundAbi({
  interpreter,
  platform,
}: {
  readonly interpreter: { readonly soabi: string };
  readonly platform: Platform | null;
}): string {
  return platform === null ? abiTag(interpreter.soabi) : interpreter.soabi;
}

/** What may run differently here than where it was checked, in words; empty where nothing does. */
export function caveats(info: LayoutInfo, interpreter: BaseInterpreter | null, here: Platform): string[] {
  if (!carriesPython(info.layout)) {
    const { version } = info.interpreter;
    const isSame = interpreter === null || version === interpreter.version;
    return isSame ? [] : [`the layout was checked with Python ${version}, this is ${interpreter.version}`];
  }
  const [made, given] = [glibc(info.platform), glibc(here)];
  // What goes with the interpreter is the system's own, and asks for what that one had.
  const isOlder =
    made !== null && given !== null && (given.major - made.major || given.minor - made.minor) < 0;
  return isOlder ? [`the layout was made with ${info.platform?.libc}, this machine has ${here.libc}`] : [];
}

/** `linux x64 glibc` */
function inWords({ os, architecture, libc }: Platform): string {
  return [os, architecture, ...(libc === null ? [] : [libc.split(' ')[0]])].join(' ');
}

function glibc(platform: Platform | null): { readonly major: number; readonly minor: number } | null {
  const [, major, minor] = /^glibc (\d+)\.(\d+)/.exec(platform?.libc ?? '') ?? [];
  return major === undefined ? null : { major: Number(major), minor: Number(minor) };
}
