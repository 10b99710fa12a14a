import type { Shard } from '../../report/model.ts';
import { accept, REFUSED, scalar } from './valueType.ts';

/** As many jobs as one matrix of GitHub may have. */
const MOST = 256;

/** `2/3`: the second of three parts. */
export const shard = scalar<Shard>({
  label: 'i/n',
  takes: `i/n such as 2/3, with i from 1 to n and n at most ${MOST}`,
  parse: (text) => {
    const [, index, of] = /^(\d{1,3})\/(\d{1,3})$/.exec(text)?.map(Number) ?? [];
    if (index === undefined || of === undefined) return REFUSED;
    return index >= 1 && index <= of && of <= MOST ? accept({ index, of }) : REFUSED;
  },
  show: ({ index, of }) => `${index}/${of}`,
});
