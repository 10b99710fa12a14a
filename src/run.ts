import { problem } from './problem.ts';
import type { Report } from './report/model.ts';
import type { RunSettings } from './settings/settings.ts';
import type { Ui } from './ui.ts';

/** Watches one command. */
export async function run(_settings: RunSettings, _ui: Ui): Promise<Report> {
  throw problem('internal', 'run is not wired yet');
}
