/** A process to look at. A pid without its start time may by now be another process's. */
export interface Target {
    readonly pid: number;
    /** Field 22 of `/proc/PID/stat`, in clock ticks since boot. */
    readonly startTime: string;
    readonly role: 'main' | 'descendant';
    readonly command: string;
}
