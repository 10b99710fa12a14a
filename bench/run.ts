import { benchBuild } from './build.ts';
import { benchOutput } from './output.ts';
import { benchStart } from './start.ts';
import { benchWatch } from './watch.ts';

/** `npm run bench [-- start watch output build]`: ratios against a peer that ran in the same minutes. */
const BENCHES = {
  start: () => benchStart(15),
  watch: () => benchWatch(9),
  output: () => benchOutput(5),
  build: () => benchBuild(3),
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
