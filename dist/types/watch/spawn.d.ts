import { type ChildProcess } from 'node:child_process';
import type { Channel } from './channel.ts';
import type { WatchRequest } from './request.ts';
export type Spawned = {
    readonly kind: 'spawned';
    readonly child: ChildProcess;
    readonly pid: number;
    readonly at: number;
} | {
    readonly kind: 'refused';
    readonly why: string;
};
type Command = Pick<WatchRequest, 'argv' | 'cwd' | 'env'>;
/** In a session of its own, so that its whole tree can be told from ours and the terminal's signals reach only us. */
export declare function spawnProgram(request: Command & Pick<WatchRequest, 'stdin'>, channel: Channel): Promise<Spawned>;
/**
 * What the kernel would refuse, in words; null where nothing speaks against a start. Asked first because the C
 * library hands to `/bin/sh` what the kernel can't run: an empty or foreign file would then "pass" or "fail".
 */
export declare function refusal(command: Command): string | null;
export {};
