import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** When a process began, in a form that tells it from a later one with the same id; none if it can't be known. */
export function startOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') return `${bootId()} ${fieldsOf(pid)[19] ?? ''}`;
    if (process.platform === 'win32') return undefined;
    const start = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return start.trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Whether there's such a process, and it has not ended: what nobody has asked for its end is listed on. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // It's there, and somebody else's.
    return (error as { code?: unknown }).code === 'EPERM';
  }
  return !(process.platform === 'linux' && isZombie(pid));
}

function isZombie(pid: number): boolean {
  try {
    return ['Z', 'X'].includes(fieldsOf(pid)[0] ?? '');
  } catch {
    return false;
  }
}

const bootId = () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** Those from the third on; the second one, in brackets, may hold blanks and brackets. */
function fieldsOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
