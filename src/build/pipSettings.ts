import type { ToolContext } from '../toolchain/context.ts';
import { runTool } from '../toolchain/exec.ts';

export interface PipIndexes {
  /** What takes the place of the public index; null where nothing does. */
  readonly index: string | null;
  readonly extra: readonly string[];
}

/**
 * The indexes of pip's own variables and files, with their logins. `command` runs pip. Where it can't tell, none.
 */
export async function pipIndexes(
  command: {
    readonly tool: string;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  },
  context: ToolContext,
): Promise<PipIndexes> {
  const list = { ...command, args: [...command.args, 'config', 'list'] };
  const { stdout } = await runTool(list, context, "Reading pip's settings");
  return readPipIndexes(stdout);
}

/** pip tells `:env:.index-url='https://…'` a line. Its variables go before its own section for `wheel`, that before all. */
export function readPipIndexes(text: string): PipIndexes {
  const values = (name: string): string[] => {
    const found = new Map(
      [...text.matchAll(new RegExp(`^(global|wheel|:env:)\\.${name}=(['"])(.*)\\2$`, 'gm'))].map(
        ([, section, , value]) => [section, value],
      ),
    );
    const value = found.get(':env:') ?? found.get('wheel') ?? found.get('global') ?? '';
    return value.split(/\s+|\\n/).filter((url) => url !== '');
  };
  return { index: values('index-url')[0] ?? null, extra: values('extra-index-url') };
}
