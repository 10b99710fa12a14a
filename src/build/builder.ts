import type { FreshLayout } from '../layout/layout.ts';
import type { BuiltLayout, Interpreter } from '../report/model.ts';
import type { ToolContext } from '../toolchain/context.ts';
import type { BuilderName } from './layoutsOf.ts';
import type { BuildPlan, BuiltFile, Wheelhouse } from './model.ts';

/** What a builder made, and is shipped, cached and archived: a folder, or one file in a folder that may hold others. */
export interface BuiltTree extends FreshLayout {
  /** What it was made from, or itself. */
  readonly artifact: BuiltFile;
}

export interface BuildRequest {
  readonly plan: BuildPlan;
  readonly wheelhouse: Wheelhouse;
  readonly layout: BuiltLayout;
  /** The program's name, as users call it. */
  readonly name: string;
  /** Absolute: where the one file goes that is built. */
  readonly file: string;
  /** Absolute: where a layout goes that is a folder. */
  readonly folder: string;
  /** Whether what an earlier job has left there may serve, where it is what would be written. */
  readonly mayReuse: boolean;
  readonly context: ToolContext;
}

/** A program that is to be watched, and where private files of its boot may lie. */
export interface Boot {
  /** Absolute: what is started. */
  readonly program: string;
  /** Absolute: the folder that the layout lies in. */
  readonly folder: string;
  readonly layout: BuiltLayout;
  /** A folder of the job. */
  readonly work: string;
}

/** One packager. From its plan and wheels to what it ships; the rest is done with every one of them alike. */
export interface Builder {
  readonly name: BuilderName;
  /** What the one file's name ends with. */
  readonly ending: string;
  /**
   * The exact version to build with, null: the locked one for that Python. Throws a settings problem for a version that
   * can't be, a Python that it doesn't support, and arguments that it doesn't take.
   */
  readonly version: (
    setting: string | null,
    args: readonly string[],
    interpreter: Interpreter & { readonly soabi: string },
  ) => string;
  /**
   * Has the builder at hand. Returns the sha256 of its wheel where no lock has it. Throws a settings or build problem
   * where there is no such version.
   */
  readonly fetch: (version: string, interpreter: Interpreter, context: ToolContext) => Promise<string | null>;
  /** Tells one set of what it needs beside itself from another, for the key; null where it needs nothing. */
  readonly needs: () => string | null;
  /** Throws a settings problem where these wheels can't be packed so. */
  readonly accept: (plan: BuildPlan, wheelhouse: Wheelhouse) => Promise<void>;
  /** The same plan and wheels give the same bytes. */
  readonly build: (request: BuildRequest) => Promise<BuiltTree>;
  /** Variables for the watched program, so that its boot is as cold as a user's and leaves nothing behind. */
  readonly environment: (boot: Boot) => Readonly<Record<string, string>>;
  /** Prefixes of the packager's own files, in frames of the watched program. */
  readonly packagerFiles: (boot: Boot, plan: BuildPlan) => readonly string[];
  /** The interpreter that the program runs on, in that environment; null where only a warm boot can tell. */
  readonly interpreter: (
    boot: Boot,
    plan: BuildPlan,
    context: ToolContext,
    state: 'cold' | 'warm',
  ) => Promise<Interpreter | null>;
}
