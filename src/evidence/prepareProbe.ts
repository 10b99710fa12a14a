import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { asset } from '../assets.ts';
import { type Command, needsPythonPath } from './waysIn.ts';

/** What a run needs so that the probe is loaded into its interpreters. */
export interface Probe {
  /** To be added to the program's environment, over what stands there. */
  readonly env: Readonly<Record<string, string>>;
  /** Exists and is empty. `parseMarks` reads it. */
  readonly marksFile: string;
  /** Where faulthandler writes, a file named by each pid. */
  readonly dumpFolder: string;
  readonly dumpSignal: number;
}

export interface ProbeOptions extends Command {
  /** Private to this session of exitproof; the parts that don't change by run are written there once. */
  readonly folder: string;
  /** Unique within `folder`; may be used again once its run has ended. */
  readonly run: string;
}

/**
 * A real-time signal that neither libc, the language runtimes nor common libraries use; on macOS, which has none of
 * these, SIGEMT.
 */
const DUMP_SIGNAL = process.platform === 'darwin' ? 7 : 62;
const OLDEST_MINOR = 8;
const NEWEST_MINOR = 15;
/**
 * Names that `site` imports by itself. The interpreters of Debian and Ubuntu have a sitecustomize of their own before
 * all others, and that asks for apport's hook.
 */
const WAYS_IN = ['sitecustomize.py', 'apport_python_hook.py'];
const PTH = 'import sys; exec("try:\\n import exitproof_probe\\nexcept Exception:\\n pass")\n';

function writeTree(folder: string): string {
  const site = join(folder, 'site');
  if (existsSync(join(site, 'exitproof.pth'))) return site;
  // The program may run as another user: it passes through, but can list nothing.
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o711);
  mkdirSync(site, { recursive: true });
  const minors = Array.from({ length: NEWEST_MINOR - OLDEST_MINOR + 1 }, (_, at) => OLDEST_MINOR + at);
  const names = minors.flatMap((minor) => [`python3.${minor}`, `python3.${minor}t`]);
  // The last one is where a framework build of macOS looks.
  for (const name of [...names, 'python']) {
    const library = join(folder, 'lib', name);
    mkdirSync(library, { recursive: true });
    if (!existsSync(join(library, 'site-packages'))) symlinkSync(site, join(library, 'site-packages'));
  }
  copyFileSync(asset('probe', 'exitproof_probe.py'), join(site, 'exitproof_probe.py'));
  for (const name of WAYS_IN) copyFileSync(asset('probe', 'sitecustomize.py'), join(site, name));
  writeFileSync(join(site, 'exitproof.pth'), PTH);
  return site;
}

function before(first: string, rest: string | undefined): string {
  return rest ? first + delimiter + rest : first;
}

let ptraceScope: string | undefined;

/** yama's: at 1 only ancestors may trace, and the probe has to allow us. */
function siblingsAreRefused(): boolean {
  if (ptraceScope === undefined) {
    try {
      ptraceScope = readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'latin1').trim();
    } catch {
      ptraceScope = '0';
    }
  }
  return ptraceScope === '1';
}

/**
 * Sets the probe up for one run. Nothing is installed: the variables alone bring it in, through the user site (scripts,
 * zipapps, PEX files), PEX's own extra path (its venv layout, which runs isolated), or PYTHONPATH (plain venvs).
 */
export function prepareProbe(options: ProbeOptions): Probe {
  const { run, env } = options;
  // Its own folder: the probe takes what lies below it out of sys.path.
  const folder = join(options.folder, 'probe');
  const site = writeTree(folder);
  const marksFile = join(folder, `marks-${run}`);
  const dumpFolder = join(folder, `dumps-${run}`);
  writeFileSync(marksFile, '');
  chmodSync(marksFile, 0o622);
  mkdirSync(dumpFolder, { recursive: true });
  chmodSync(dumpFolder, 0o1733);

  const added: Record<string, string> = {
    EXITPROOF_PROBE: [folder, marksFile, dumpFolder, String(DUMP_SIGNAL)].join(delimiter),
    PYTHONUSERBASE: folder,
    PEX_EXTRA_SYS_PATH: env['PEX_EXTRA_SYS_PATH'] ? env['PEX_EXTRA_SYS_PATH'] + delimiter + site : site,
  };
  if (env['PYTHONUSERBASE']) added['EXITPROOF_USERBASE'] = env['PYTHONUSERBASE'];
  if (env['PYTHONNOUSERSITE']) {
    added['EXITPROOF_NOUSERSITE'] = '1';
    added['PYTHONNOUSERSITE'] = '';
  }
  if (siblingsAreRefused()) added['EXITPROOF_PTRACER'] = '1';
  if (needsPythonPath(options)) added['PYTHONPATH'] = before(site, env['PYTHONPATH']);
  return { env: added, marksFile, dumpFolder, dumpSignal: DUMP_SIGNAL };
}
