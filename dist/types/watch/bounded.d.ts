/** The first and the last bytes of a stream of any length, in memory of a fixed size. */
export interface Bounded {
    readonly add: (chunk: Uint8Array) => void;
    /** `tail` is empty where all of it fits in `head`; `cut` says that bytes between the two were dropped. */
    readonly read: () => {
        readonly head: Buffer;
        readonly tail: Buffer;
        readonly cut: boolean;
    };
}
export declare function bounded(headSize: number, tailSize: number): Bounded;
