import { problem } from './problem.ts';
import type { Report } from './report/model.ts';
import type { Settings } from './settings/settings.ts';
import type { Ui } from './ui.ts';

/** Builds what the settings say, watches each smoke run and keeps what passed. */
export async function check(_settings: Settings, _ui: Ui): Promise<Report> {
  throw problem('internal', 'check is not wired yet');
}

/** The part of {@link check} before the smoke runs. */
export async function build(_settings: Settings, _ui: Ui): Promise<Report> {
  throw problem('internal', 'build is not wired yet');
}
