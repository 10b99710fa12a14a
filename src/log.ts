/** Where the stages say what they do. The terminal and the action each have one. */
export interface Log {
  /** A stage of the main job; on GitHub a folded group. Ends when `body` ends. Its title is shown as one line. */
  stage<T>(title: string, body: () => Promise<T>): Promise<T>;
  info(line: string): void;
  /** Only with `--verbose`, or with debug logging on the runner. */
  debug(line: string): void;
  notice(line: string): void;
  warning(line: string): void;
  /**
   * What the watched program or a build tool printed: data, never taken for a workflow command. The answer resolves
   * once the reader can take more; a caller that can hold its source up waits for it.
   */
  passthrough(stream: 'stdout' | 'stderr', chunk: Uint8Array): Promise<void> | undefined;
}
