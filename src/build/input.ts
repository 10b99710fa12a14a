import type { BuilderName } from './layoutsOf.ts';

/** The settings that decide what is built. Paths as the user wrote them. */
export interface BuildInput {
  /** The project's folder; null where `requirement` stands alone. */
  readonly project: string | null;
  readonly requirement: readonly string[];
  /** Lock or requirements file, relative to the project; null: found. */
  readonly requirements: string | null;
  readonly extras: readonly string[];
  readonly entryPoint: string | null;
  readonly builder: BuilderName;
  readonly builderVersion: string | null;
  readonly builderArgs: readonly string[];
  readonly python: string | null;
  /** Relative to the working directory; never packed. */
  readonly output: string;
}
