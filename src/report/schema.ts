import * as v from 'valibot';
import { BUILT_LAYOUTS, CACHE_RESULTS, EVIDENCE_SOURCES, PHASES, type Report, VERDICTS } from './model.ts';

export const SCHEMA_ID = 'exitproof.report/1';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const milliseconds = v.pipe(v.number(), v.minValue(0));
const nullableString = v.nullable(v.string());

const frame = {
  function: v.string(),
  file: nullableString,
  line: v.nullable(v.pipe(v.number(), v.integer())),
  native: v.exactOptional(v.boolean()),
};

const thread = v.object({
  name: nullableString,
  tid: v.nullable(count),
  main: v.boolean(),
  guilty: v.exactOptional(v.boolean()),
  state: v.exactOptional(v.string()),
  cpu: v.exactOptional(milliseconds),
  frames: v.array(v.object(frame)),
  folded: v.exactOptional(count),
});

const evidence = v.object({
  source: v.picklist(EVIDENCE_SOURCES),
  pid: count,
  role: v.picklist(['main', 'descendant']),
  command: v.string(),
  at: milliseconds,
  snapshot: v.picklist([1, 2]),
  threads: v.array(thread),
  text: v.exactOptional(v.string()),
  error: v.exactOptional(v.string()),
});

const guilty = v.object({
  ...frame,
  source: v.nullable(
    v.object({ path: v.string(), line: v.pipe(v.number(), v.integer()), exact: v.boolean() }),
  ),
});

const diagnosis = v.object({
  cause: v.string(),
  summary: v.string(),
  remedy: nullableString,
  guilty: v.nullable(guilty),
  holder: v.exactOptional(guilty),
  motion: v.nullable(v.picklist(['blocked', 'spinning', 'progressing'])),
});

const left = v.object({
  pid: count,
  command: v.string(),
  ended: v.boolean(),
  holds: v.exactOptional(v.array(v.picklist(['stdout', 'stderr']))),
});

const layout = v.picklist([...BUILT_LAYOUTS, 'executable']);

const run = v.object({
  name: v.string(),
  argv: v.array(v.string()),
  layout,
  counts: v.exactOptional(v.literal(false)),
  from: v.exactOptional(v.literal('archive')),
  verdict: v.picklist(VERDICTS),
  phase: v.nullable(v.picklist(PHASES)),
  reason: v.string(),
  exitCode: v.nullable(v.pipe(v.number(), v.integer())),
  signal: nullableString,
  pid: v.nullable(count),
  timings: v.object({
    startup: v.exactOptional(milliseconds),
    run: v.exactOptional(milliseconds),
    'threading-shutdown': v.exactOptional(milliseconds),
    atexit: v.exactOptional(milliseconds),
    finalization: v.exactOptional(milliseconds),
    'native-exit': v.exactOptional(milliseconds),
    descendants: v.exactOptional(milliseconds),
  }),
  duration: milliseconds,
  boot: v.picklist(['cold', 'warm']),
  observer: v.picklist(['probe', 'sampler', 'none']),
  warnings: v.array(v.string()),
  left: v.array(left),
  output: v.object({
    head: v.string(),
    tail: v.string(),
    bytes: v.object({ stdout: count, stderr: count }),
  }),
  evidence: v.array(evidence),
  diagnosis: v.nullable(diagnosis),
});

const build = v.object({
  builder: v.string(),
  version: v.string(),
  seconds: v.pipe(v.number(), v.minValue(0)),
  artifact: v.string(),
  sha256: v.string(),
  interpreter: v.object({ path: v.string(), version: v.string(), implementation: v.string() }),
  entry: v.string(),
  lock: v.string(),
});

const cache = v.object({
  result: v.picklist(CACHE_RESULTS),
  reason: v.string(),
  key: v.string(),
  parts: v.array(v.object({ name: v.string(), value: v.string() })),
  saved: v.boolean(),
});

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const interval = v.object({ lower: share, upper: share, sides: v.picklist([1, 2]) });
const times = v.object({
  p50: milliseconds,
  p95: milliseconds,
  max: milliseconds,
  counts: v.record(v.string(), count),
});
const timesByPhase = v.object({
  startup: v.exactOptional(times),
  run: v.exactOptional(times),
  'threading-shutdown': v.exactOptional(times),
  atexit: v.exactOptional(times),
  finalization: v.exactOptional(times),
  'native-exit': v.exactOptional(times),
  descendants: v.exactOptional(times),
});

const verdicts = v.object({
  cancelled: v.exactOptional(count),
  'not-started': v.exactOptional(count),
  stalled: v.exactOptional(count),
  leaked: v.exactOptional(count),
  crashed: v.exactOptional(count),
  failed: v.exactOptional(count),
  passed: v.exactOptional(count),
});

const soak = v.object({
  runs: count,
  stalls: count,
  interval: v.nullable(interval),
  verdicts,
  series: v.array(
    v.object({
      name: v.string(),
      layout,
      python: nullableString,
      runs: count,
      stalls: count,
      interval: v.nullable(interval),
      verdicts,
      timings: timesByPhase,
      teardown: v.nullable(times),
    }),
  ),
  endings: v.array(
    v.object({
      fingerprint: v.string(),
      verdict: v.picklist(VERDICTS),
      phase: v.nullable(v.picklist(PHASES)),
      runs: count,
      example: count,
    }),
  ),
});

const positive = v.pipe(v.number(), v.integer(), v.minValue(1));
const shard = v.object({ index: positive, of: positive });

const part = v.object({
  file: v.string(),
  verdict: v.picklist([...VERDICTS, 'not-built']),
  python: nullableString,
  platform: v.string(),
  shard: v.nullable(shard),
  runs: count,
  stalls: count,
});

/** Keys that a later minor version adds are accepted and dropped: readers of `/1` keep working. */
export const reportSchema = v.object({
  schema: v.literal(SCHEMA_ID),
  exitproof: v.string(),
  verdict: v.picklist([...VERDICTS, 'not-built']),
  phase: v.nullable(v.picklist(PHASES)),
  cause: nullableString,
  summary: v.string(),
  commit: nullableString,
  started: v.pipe(v.string(), v.isoTimestamp()),
  duration: milliseconds,
  build: v.nullable(build),
  cache: v.nullable(cache),
  executable: nullableString,
  layout: v.nullable(layout),
  archive: v.nullable(v.object({ path: v.string(), sha256: v.string() })),
  runs: v.array(run),
  soak: v.nullable(soak),
  shard: v.nullable(shard),
  platform: v.string(),
  parts: v.array(part),
  warnings: v.array(v.string()),
  notices: v.array(v.string()),
  failure: v.nullable(v.object({ message: v.string(), hint: nullableString })),
});

type Writable<T> = T extends readonly (infer U)[]
  ? Writable<U>[]
  : T extends object
    ? { -readonly [K in keyof T]: Writable<T[K]> }
    : T;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Fails to compile where the schema and the model differ. */
type Parsed = v.InferOutput<typeof reportSchema>;
export const SCHEMA_IS_MODEL: Same<Normal<Parsed>, Normal<Writable<Report>>> = true;

/** Spreads and intersections into plain objects, so that equal shapes are equal types. */
type Normal<T> = T extends (infer U)[]
  ? Normal<U>[]
  : T extends object
    ? { [K in keyof T]: Normal<T[K]> }
    : T;
