import { closeSync, existsSync, openSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readZipDirectory } from './zip.ts';

/** Whether a file is a PEX, or a script of a PEX's venv layout. */
export function isPex(file: string): boolean {
  try {
    if (existsSync(join(file, 'PEX-INFO')) || existsSync(join(dirname(file), 'PEX-INFO'))) return true;
    if (existsSync(join(dirname(file), '..', 'PEX-INFO'))) return true;
    // A named pipe would keep whoever opens it.
    return statSync(file).isFile() && hasPexInfo(file);
  } catch {
    return false;
  }
}

function hasPexInfo(file: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    return readZipDirectory(descriptor)?.entries.includes('PEX-INFO') ?? false;
  } finally {
    closeSync(descriptor);
  }
}
