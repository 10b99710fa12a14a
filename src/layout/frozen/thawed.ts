import type { CachePlace } from '../../toolchain/paths.ts';
import type { BaseInterpreter } from '../interpreter.ts';
import type { FrozenLayout, LayoutInfo } from '../manifest.ts';
import type { Memory } from '../memory/memory.ts';
import type { FrozenForm } from './unpack.ts';

export type FindInterpreter = (info: LayoutInfo) => Promise<BaseInterpreter | null>;

export interface ThawOptions {
  readonly file: string;
  readonly form: FrozenForm;
  readonly destination: string;
  /**
   * That it is to run on, or how one is found once it is known what the layout wants; null where there is none, which only
   * a layout that carries its own can do without.
   */
  readonly interpreter: BaseInterpreter | null | FindInterpreter;
  /** Where the artifact goes; null leaves it out. */
  readonly artifact: string | null;
  /** A tree in the place that is verified to be the very one may stay; the rest of the file is then not looked at. */
  readonly mayStay?: boolean;
  /** Where it may be remembered what such a tree looked like; without it all of it is read. */
  readonly memory?: CachePlace | null;
  readonly cancel?: AbortSignal;
}

export interface Thawed {
  readonly kind: 'thawed';
  /** Absolute, links resolved. */
  readonly folder: string;
  readonly layout: FrozenLayout;
  readonly interpreter: BaseInterpreter | null;
  readonly digest: string;
  /** Of how its files look. */
  readonly memory: Memory;
  readonly record: unknown;
  readonly artifact: string | null;
}

export type Thaw =
  | Thawed
  | { readonly kind: 'corrupt'; readonly reason: string }
  /** Whole, but made for another interpreter. */
  | { readonly kind: 'unfit'; readonly reason: string }
  /** The disk or the folder does not take it. */
  | { readonly kind: 'no-room'; readonly reason: string };

export async function interpreterFor(
  { interpreter }: Pick<ThawOptions, 'interpreter'>,
  { info }: FrozenLayout,
): Promise<BaseInterpreter | null> {
  return typeof interpreter === 'function' ? interpreter(info) : interpreter;
}
