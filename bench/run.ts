/** `npm run bench [-- start watch output build]`: ratios against a peer that ran in the same minutes. */
const BENCHES = {
  start: async () => (await import('./start.ts')).benchStart(15),
  watch: async () => (await import('./watch.ts')).benchWatch(9),
  output: async () => (await import('./output.ts')).benchOutput(5),
  build: async () => (await import('./build.ts')).benchBuild(3),
} as const;

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`no such figures: ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exitCode = 2;
} else {
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    console.log(`${(await bench()).join('\n')}\n`);
  }
}
