import * as v from 'valibot';

const named = v.record(v.string(), v.union([v.literal('all'), v.array(v.string())]));

const facts = v.object({
  verdict: v.picklist(['passed', 'failed', 'crashed', 'stalled', 'leaked']),
  phase: v.optional(v.string()),
  also_accept_phases: v.optional(v.array(v.string())),
  guilty_function: v.optional(v.string()),
  guilty_file: v.optional(v.string()),
  also_accept_guilty: v.optional(v.array(v.string())),
  guilty_process: v.optional(v.literal('child')),
  main_function: v.optional(v.string()),
  holder_function: v.optional(v.string()),
  native_stack_only: v.optional(v.boolean()),
  stack_needle: v.optional(v.string()),
  slugs: v.optional(v.array(v.string())),
  named_by: v.optional(named),
  exit_code: v.optional(v.number()),
  signal: v.optional(v.nullable(v.string())),
  stdin: v.optional(v.literal('pipe')),
  run_s: v.optional(v.number()),
  duration_s: v.optional(v.number()),
  slow_phase: v.optional(v.string()),
  deterministic: v.optional(v.union([v.boolean(), v.literal('depends-on-supervisor')])),
});

const schema = v.object({
  ...facts.entries,
  per_python: v.optional(v.record(v.string(), v.partial(facts))),
  launcher: v.optional(v.record(v.string(), v.partial(facts))),
});

/** `expect.json` of a case, see `test/fixtures/corpus/README.md`. */
export type Expectation = v.InferOutput<typeof schema>;

/** What holds for one interpreter and one way of starting. */
export type Facts = v.InferOutput<typeof facts>;

export const LAUNCHERS = ['script', 'zip', 'pex'] as const;
export type Launcher = (typeof LAUNCHERS)[number];

export function parseExpectation(text: string): Expectation {
  return v.parse(schema, JSON.parse(text));
}

/** `version` is X.Y. What is said of a version counts after what is said of a launcher. */
export function factsFor(expectation: Expectation, version: string, launcher: Launcher): Facts {
  const { per_python: versions = {}, launcher: launchers = {}, ...common } = expectation;
  const started = Object.entries(launchers).find(([names]) => names.split(',').includes(launcher));
  const overrides = { ...started?.[1], ...versions[version] };
  return { ...common, ...overrides, verdict: overrides.verdict ?? common.verdict };
}

/** With what a function can be named: everything, what needs no ptrace, nothing. */
export type Methods = 'all' | 'signal' | 'none';

/** Whether one of these methods can name the guilty function on this version. */
export function canBeNamed(facts: Facts, version: string, methods: Methods): boolean {
  return Object.entries(facts.named_by ?? {}).some(
    ([method, where]) =>
      (methods === 'all' || (methods === 'signal' && method === 'fh_signal')) &&
      (where === 'all' || where.includes(version)),
  );
}
