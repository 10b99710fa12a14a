import type { Platform } from './platform.ts';
import { portable } from './portable.ts';
import { linux } from './proc.ts';

export function thisPlatform(): Platform {
  return process.platform === 'linux' ? linux : portable(process.platform);
}
