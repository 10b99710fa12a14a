import { accessSync, constants, lstatSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { problem } from '../problem.ts';

/** Throws a settings problem where no folder can be made, or nothing can be written into the one that is there. */
export function refuseOutput(output: string): void {
  let place = output;
  let stats = statsOf(place);
  // A link that leads nowhere is there, and can't become a folder.
  while (stats === null && !isThere(place) && dirname(place) !== place) {
    place = dirname(place);
    stats = statsOf(place);
  }
  const takes = 'takes a folder that can be written to';
  if (stats?.isDirectory() !== true) {
    throw problem('settings', `output: got “${output}”, but ${place} is no folder, ${takes}`);
  }
  try {
    accessSync(place, constants.W_OK | constants.X_OK);
  } catch {
    throw problem('settings', `output: got “${output}”, but nobody may write to ${place} here, ${takes}`);
  }
}

function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function statsOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}
