/** The part of a run's request that tells how its interpreter will be found. */
export interface Command {
    readonly argv: readonly [string, ...string[]];
    readonly env: Readonly<Record<string, string>>;
    readonly cwd: string;
}
/**
 * Whether PYTHONPATH is needed to reach the interpreter: in a venv no user site is read. A PEX never gets it, since it
 * would start itself again, isolated. Behind a shell or a launcher the venv that is active, or that `uv run` takes, counts.
 */
export declare function needsPythonPath(command: Command): boolean;
