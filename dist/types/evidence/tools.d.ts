/** Absolute paths of what can look into a process; null where it isn't there. */
export interface EvidenceTools {
    readonly pySpy: string | null;
    readonly pystack: string | null;
    readonly gdb: string | null;
    /** Why a tool of exitproof's own is missing, in words for the report. */
    readonly missing: string | null;
}
export declare const NO_TOOLS: EvidenceTools;
