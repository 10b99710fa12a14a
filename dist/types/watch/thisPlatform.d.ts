import type { Platform } from './platform.ts';
export declare function thisPlatform(): Platform;
