import { isSystemFrame } from '../guilty.ts';
import { has } from '../waiting.ts';
import type { Cause } from './cause.ts';

const inShort = (command: string) => {
  const line = command.replaceAll(/\s+/gu, ' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
};

/** Before the program's own code begins, and after its process has gone. */
export const outside: readonly Cause[] = [
  {
    slug: 'pex-boot-lock',
    phases: ['startup'],
    about:
      'A PEX unpacks itself under a lock in PEX_ROOT. Another process has that lock: it unpacks too, or it stalls while it does.',
    matches: ({ main }) =>
      main !== null &&
      has(
        main,
        /^(?:atomic_directory|_?acquire|lock|ensure_\w+)$/u,
        /\/pex\/(?:atomic_directory|fs\/lock|common)\.py$/u,
      ) &&
      has(main, 'atomic_directory', /\/pex\//u),
    summary: () => 'The PEX waits for a lock in its PEX_ROOT, which another process holds while it unpacks',
    remedy:
      'Give each job a PEX_ROOT of its own (`PEX_ROOT=$(mktemp -d)`), or ship the venv layout, which unpacks nothing when it starts.',
    programs: [],
  },
  {
    slug: 'pipe-holder',
    phases: ['descendants'],
    about:
      'The program has ended, but a process that it started still has its stdout or stderr open. Whoever reads that pipe to its end, as CI does, waits for it.',
    matches: ({ facts }) =>
      facts.verdict === 'leaked' || facts.left.some(({ holds }) => holds !== undefined && holds.length > 0),
    summary: ({ guilty }, { facts, guilty: blamed }) => {
      const holder = facts.left.find(({ holds }) => holds !== undefined && holds.length > 0);
      const which = holder?.holds?.join(' and ') ?? 'its output';
      const process =
        holder === undefined ? 'a process it started' : `process ${holder.pid} (${inShort(holder.command)})`;
      const where = blamed === null || isSystemFrame(blamed.frame) ? '' : `; it is in ${guilty}`;
      return `The program has ended, but ${process} still holds ${which} open${where}`;
    },
    remedy:
      'Start it with an output of its own:\n    subprocess.Popen(..., stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\nor end it and wait for it before the program ends; a daemon must close or redirect descriptors 1 and 2.',
    programs: ['descendant_popen', 'descendant_double_fork', 'descendant_native', 'descendant_stderr_only'],
  },
];
