import { parseArgs } from 'node:util';
import { FIGURE_HEAD } from './figures.ts';

type Bench = (rounds: number) => Promise<readonly string[]>;

/** Each with as many rounds as its median needs; loaded one by one, since each is a program of its own. */
const BENCHES: Readonly<Record<string, { readonly rounds: number; readonly load: () => Promise<Bench> }>> = {
  start: { rounds: 15, load: async () => (await import('./start.ts')).benchStart },
  watch: { rounds: 9, load: async () => (await import('./watch.ts')).benchWatch },
  output: { rounds: 5, load: async () => (await import('./output.ts')).benchOutput },
  soak: { rounds: 3, load: async () => (await import('./soak.ts')).benchSoak },
  build: { rounds: 3, load: async () => (await import('./build.ts')).benchBuild },
};

/** `npm run bench [-- start watch output soak build] [--rounds N]`: ratios against a peer that ran in the same minutes. */
const { positionals: asked, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' } },
});

if (values.rounds !== undefined && !/^[1-9]\d*$/.test(values.rounds)) {
  throw new Error(`--rounds takes a count, not ${values.rounds}`);
}
const unknown = asked.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`no such figures: ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exitCode = 2;
} else {
  console.log(FIGURE_HEAD);
  for (const [name, { rounds, load }] of Object.entries(BENCHES)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    const bench = await load();
    console.log((await bench(Number(values.rounds ?? rounds))).join('\n'));
  }
}
