import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle, kb } from './bundle.ts';

const { values } = parseArgs({ options: { outdir: { type: 'string', default: 'dist' } } });
const { start, total, complaints } = await bundle(resolve(values.outdir));

for (const [name, size] of Object.entries(start))
  console.log(`${`${name}.js`.padEnd(12)}${kb(size).padStart(12)} at start`);
console.log(`${'all'.padEnd(12)}${kb(total).padStart(12)}`);
for (const complaint of complaints) console.error(`error: ${complaint}`);
if (complaints.length > 0) process.exitCode = 1;
