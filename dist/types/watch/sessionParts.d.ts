import type { FifoPair } from './channel.ts';
import type { Platform } from './platform.ts';
import type { Census } from './tree.ts';
/** What a run takes from its session, and gives back. */
export interface Slot {
    readonly name: string;
    readonly fifos: FifoPair | null;
}
export interface SessionParts {
    readonly platform: Platform;
    readonly census: Census;
    readonly folder: string;
    readonly takeSlot: () => Promise<Slot>;
    /** `clean`: nobody holds its pipes any more. */
    readonly returnSlot: (slot: Slot, clean: boolean) => void;
    /** A value of `EXITPROOF_RUN` that no other run has. */
    readonly nextCookie: () => string;
}
