import { readFileSync } from 'node:fs';

/** `ubuntu 24.04, x64`: what the wheels of one machine may not have in common with those of another. */
export function platformName(): string {
  return `${system()}, ${process.arch}`;
}

function system(): string {
  try {
    const release = readFileSync('/etc/os-release', 'utf8');
    const value = (key: string): string => new RegExp(`^${key}="?([^"\\n]*)`, 'm').exec(release)?.[1] ?? '';
    const name = `${value('ID')} ${value('VERSION_ID')}`.trim();
    return name === '' ? process.platform : name;
  } catch {
    return process.platform;
  }
}
