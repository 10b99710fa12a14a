#!/usr/bin/env node
import { ownVersion } from './assets.ts';
import { type Asked, readArguments } from './commands/arguments.ts';
import { drainAndEnd } from './commands/end.ts';
import { faultText } from './commands/fault.ts';
import { createFileSink, takesAtOnce } from './commands/fileSink.ts';
import type { Streams } from './commands/perform.ts';
import { createSink, type Sink } from './commands/sink.ts';
import { areOneTerminal, unblock } from './commands/terminalStream.ts';
import { EXIT, type ExitCode } from './exitCodes.ts';
import { handleFaults } from './fault.ts';

async function obey(asked: Asked, streams: Streams): Promise<ExitCode> {
  const cwd = process.cwd();
  switch (asked.command) {
    case 'print':
      streams.stdout.write(asked.text);
      return EXIT.passed;
    case 'run': {
      const { runCommand } = await import('./commands/run.ts');
      return runCommand(asked.argv, asked.flags, streams, cwd);
    }
    case 'check': {
      const { checkCommand } = await import('./commands/check.ts');
      return checkCommand(asked.flags, streams, cwd);
    }
    case 'build': {
      const { buildCommand } = await import('./commands/build.ts');
      return buildCommand(asked.flags, streams, cwd);
    }
    case 'restore': {
      const { restoreCommand } = await import('./commands/restore.ts');
      return restoreCommand(asked.flags, streams, cwd);
    }
    case 'merge': {
      const { mergeCommand } = await import('./commands/merge.ts');
      return mergeCommand(asked.reports, asked.flags, streams, cwd);
    }
    case 'cache': {
      const { cacheCommand } = await import('./commands/cache.ts');
      return cacheCommand(asked.deed, asked.flags, streams, cwd);
    }
  }
}

function openSinks(): Streams {
  const stdout = openSink(1);
  return { stdout, stderr: areOneTerminal(1, 2) ? stdout : openSink(2) };
}

function openSink(descriptor: 1 | 2): Sink {
  if (takesAtOnce(descriptor)) return createFileSink(descriptor, process.env);
  const stream = descriptor === 1 ? process.stdout : process.stderr;
  return createSink(stream.isTTY ? unblock(descriptor, stream) : stream, process.env);
}

async function main(argv: readonly string[]): Promise<void> {
  const streams = openSinks();
  let verbose = false;
  const handleFault = handleFaults(
    (fault) => streams.stderr.write(faultText(fault, verbose)),
    () => void drainAndEnd([streams.stderr]).then(() => process.exit()),
  );
  try {
    const asked = readArguments(argv, ownVersion());
    verbose = 'flags' in asked && asked.flags.has('verbose');
    const exitCode = await obey(asked, streams);
    process.exitCode ??= exitCode;
  } catch (error) {
    handleFault(error);
  }
  await drainAndEnd([streams.stdout, streams.stderr]);
  tellLost(streams);
}

/** A file that is cut short must not look like a whole one to whoever goes by the exit code. */
function tellLost({ stdout, stderr }: Streams): void {
  const lost = stdout.lost();
  if (lost === null) return;
  stderr.write(`exitproof: stdout could not be written (${lost}), and what is missing there is lost\n`);
  process.exitCode ||= EXIT.internal;
}

await main(process.argv.slice(2));
