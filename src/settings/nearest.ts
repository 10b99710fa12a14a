import { closestMatch } from 'leven';

/** "did you mean …?" for a name that is not there, or nothing where no name is near. */
export function didYouMean(
  name: string,
  known: readonly string[],
  show: (name: string) => string = (match) => match,
): string | undefined {
  const match = closestMatch(name.toLowerCase().replaceAll('_', '-'), known, {
    maxDistance: Math.max(2, Math.floor(name.length / 3)),
  });
  return match === undefined ? undefined : `did you mean ${show(match)}?`;
}
