import { ASPECTS, type Aspect, type Finding } from './compare.ts';

export interface Judged {
  readonly name: string;
  readonly seconds: number;
  readonly findings: readonly Finding[];
}

/** Right answers out of those that the aspect applies to. */
export interface Share {
  readonly aspect: Aspect;
  readonly right: number;
  readonly of: number;
}

export function shares(judged: readonly Judged[]): readonly Share[] {
  const all = judged.flatMap((one) => one.findings);
  return ASPECTS.map((aspect) => {
    const findings = all.filter((one) => one.aspect === aspect);
    return { aspect, right: findings.filter((one) => one.miss === null).length, of: findings.length };
  });
}

/** 100 where there was nothing to get right. */
export function percent(share: Share): number {
  return share.of === 0 ? 100 : (100 * share.right) / share.of;
}

export function isRight(judged: Judged): boolean {
  return judged.findings.every((one) => one.miss === null);
}

export function tableLines(title: string, judged: readonly Judged[]): readonly string[] {
  const misses = judged.flatMap((one) =>
    one.findings.flatMap(({ aspect, miss }) => (miss === null ? [] : [`  ${one.name}: ${aspect}: ${miss}`])),
  );
  return [
    `${title}: ${judged.length} runs`,
    ...shareLines(judged),
    ...(misses.length === 0 ? [] : ['  misses:', ...misses.map((line) => `  ${line}`)]),
  ];
}

/** One line for each aspect that applied to any of them. */
export function shareLines(judged: readonly Judged[]): readonly string[] {
  return shares(judged)
    .filter((share) => share.of > 0)
    .map((share) => {
      const count = `${share.right}/${share.of}`;
      return `  ${share.aspect.padEnd(10)}${count.padStart(9)}${percent(share).toFixed(1).padStart(8)} %`;
    });
}
