import { statSync } from 'node:fs';

/** Tells one state of a file from another: `'none'` when there is no file. */
export function versionOf(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return 'none';
  }
}
