import * as core from '@actions/core';

/** All that main tells post. */
export interface State {
  readonly started: true;
}

const NAME = 'exitproof';

export function saveState(state: State): void {
  core.saveState(NAME, state);
}

/** Null where main did not get as far as saving it, or what is there isn't ours. */
export function readState(): State | null {
  try {
    const value: unknown = JSON.parse(core.getState(NAME));
    return typeof value === 'object' && value !== null && 'started' in value ? { started: true } : null;
  } catch {
    return null;
  }
}
