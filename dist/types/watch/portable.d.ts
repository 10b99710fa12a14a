import type { Platform, ProcessStat } from './platform.ts';
interface PsProcess extends ProcessStat {
    readonly command: string;
}
export declare function parsePs(text: string): PsProcess[];
/**
 * What other systems tell without their own interfaces. Written for macOS and Windows, tried on neither: no
 * environments and no descriptors there, so that the tree is known by lineage and group alone.
 */
export declare function portable(system: NodeJS.Platform): Platform;
export {};
