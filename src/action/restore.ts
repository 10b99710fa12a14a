import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as core from '@actions/core';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { problem } from '../problem.ts';
import { readInputs } from '../settings/inputs.ts';
import { resolveSettings } from '../settings/resolve.ts';
import { RESTORE_TABLE, type RestoreValues } from '../settings/restoreTable.ts';
import { type ActionLog, closeOnExit, createActionLog } from './actionLog.ts';
import { annotate } from './annotate.ts';
import { tellFault } from './fault.ts';

type Wanted =
  | { readonly key: string; readonly archive: null }
  | { readonly key: null; readonly archive: string };

function wanted({ key, archive }: RestoreValues): Wanted {
  if (key !== null && archive === null) return { key, archive };
  if (key === null && archive !== null) return { key, archive };
  const got = key === null ? 'got neither of them' : 'got both';
  throw problem('settings', `key, archive: ${got}, takes exactly one`, {
    hint: "`key` is the output `cache-key` of the check's step; it is empty where nothing was saved",
  });
}

async function restore(log: ActionLog): Promise<ExitCode> {
  const cwd = process.cwd();
  const written = readInputs(RESTORE_TABLE, process.env);
  const { values } = resolveSettings(RESTORE_TABLE, [written], { cwd, project: cwd });
  const source = wanted(values);
  const work = await mkdtemp(join(process.env['RUNNER_TEMP'] ?? tmpdir(), 'exitproof-'));
  try {
    const restored = await log.stage('Restore', () => lookUp(source, values, work, log));
    log.info(`restore: ${restored.result} (${restored.reason})`);
    core.setOutput('result', restored.result);
    core.setOutput('reason', restored.reason);
    if (restored.result !== 'hit') return miss(`${restored.result}: ${restored.reason}`, values, log);
    const { folder, executable, layout, notice } = restored;
    if (notice !== null) log.notice(notice);
    log.info(`checked: ${layout.info.verdict}, commit ${layout.info.commit ?? 'unknown'}`);
    core.setOutput('path', folder);
    core.setOutput('executable', executable);
    core.setOutput('verdict', layout.info.verdict);
    core.setOutput('commit', layout.info.commit ?? '');
    core.setOutput('python', layout.info.interpreter.version);
    if (values.addToPath) core.addPath(dirname(executable));
    return EXIT.passed;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function lookUp(source: Wanted, values: RestoreValues, work: string, log: ActionLog) {
  // Only now: a bad input is told without loading the cache's SDK.
  const [{ openStore }, { restoreByKey }, { findInterpreter }] = await Promise.all([
    import('../cache/openStore.ts'),
    import('../cache/layoutCache.ts'),
    import('../toolchain/interpreter.ts'),
  ]);
  const { env } = process;
  const workspace = process.cwd();
  const interpreter = await findInterpreter({
    python: values.python,
    project: workspace,
    requiresPython: null,
    path: env['PATH'] ?? '',
    env,
  });
  log.info(`python: ${interpreter.version}, ${interpreter.path}, from ${interpreter.from}`);
  return restoreByKey({
    source:
      source.archive === null
        ? {
            kind: 'key',
            key: source.key,
            cache: await openStore({ choice: 'read', env, workspace, work, log }),
          }
        : { kind: 'archive', file: source.archive },
    destination: values.path,
    python: interpreter.path,
  });
}

function miss(why: string, { onMiss }: RestoreValues, log: ActionLog): ExitCode {
  if (onMiss === 'continue') return EXIT.passed;
  log.close();
  annotate({ title: 'exitproof: nothing restored', message: why });
  return EXIT.notPassed;
}

const log = createActionLog();
closeOnExit(log);
process.exitCode = await restore(log).catch((error: unknown) => tellFault(error, log));
// It ends by draining; a handle that somebody forgot must not hold the job.
setTimeout(() => process.exit(), 5_000).unref();
