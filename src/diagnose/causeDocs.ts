import type { Cause } from './causes/cause.ts';
import { REMEDY_OF_PHASE } from './causes/unknown.ts';
import { CAUSES } from './causes.ts';

/** `docs/causes.md`, in Markdown: each cause, what it is, what to change, and what it is tested on. */
export function causeDocs(): string {
  // The table has what is more special first: here it stands after the general one of its slug.
  const causes = CAUSES.toReversed();
  const slugs = [...new Set(causes.map(({ slug }) => slug))].reverse();
  const sections = slugs.map((slug) => section(causes.filter((cause) => cause.slug === slug)));
  return `${[INTRODUCTION, ...sections, UNKNOWN].join('\n\n')}\n`;
}

const INTRODUCTION = `# Causes

<!-- Generated from src/diagnose/causes/ by \`npm run generate\`. -->

What \`diagnosis.cause\` can be. A cause is named only where the evidence meets its facts; the first that fits is taken.`;

const UNKNOWN = `## unknown

No cause's facts are met, or the program was cancelled while it worked, before any deadline had passed. The report still has the phase, the guilty frame and all stacks. What mostly helps, by phase:

${Object.entries(REMEDY_OF_PHASE)
  .map(([phase, remedy]) => `- *${phase}*: ${remedy}`)
  .join('\n')}`;

function section(causes: readonly Cause[]): string {
  const [first] = causes;
  if (first === undefined) return '';
  const phases = causes.some((cause) => cause.phases === 'any')
    ? 'any phase'
    : [...new Set(causes.flatMap(({ phases }) => (phases === 'any' ? [] : phases)))].join(', ');
  const programs = [...new Set(causes.flatMap((cause) => cause.programs))];
  return [
    `## ${first.slug}`,
    `*${phases}*`,
    ...causes.flatMap((cause, at) => [
      cause.about,
      ...(cause.remedy === causes[at + 1]?.remedy ? [] : ['**What to change**', ...remedyParagraphs(cause)]),
    ]),
    ...exampleOf(first),
    ...(programs.length === 0 ? [] : [`Tested on: ${programs.map((name) => `\`${name}\``).join(', ')}.`]),
  ].join('\n\n');
}

/** What no change of one small program shows: native code that forks, and a lock between jobs. */
const WITHOUT_EXAMPLE: readonly string[] = ['vfork-exec', 'pex-boot-lock'];

function exampleOf({ slug }: Cause): string[] {
  if (WITHOUT_EXAMPLE.includes(slug)) return [];
  const folder = `../examples/stalls/${slug}`;
  return [
    `See it: [a program that stalls](${folder}/stalled.py), and [the same one cured](${folder}/cured.py).`,
  ];
}

/** Indented lines of a remedy are code. */
function remedyParagraphs({ remedy }: Cause): string[] {
  const paragraphs: string[] = [];
  let code: string[] = [];
  for (const line of [...remedy.split('\n'), '']) {
    if (line.startsWith('    ')) {
      code.push(line.slice(4));
      continue;
    }
    if (code.length > 0) paragraphs.push(['```python', ...code, '```'].join('\n'));
    code = [];
    if (line !== '') paragraphs.push(line);
  }
  return paragraphs;
}
