import type { Archive } from './archive.js';
import type { Outbox } from './outbox.js';
import type { Tally } from './tally.js';
import { say, sayBytes } from './words.js';

const WIDTH = 16;

/** How far it is, as a bar and in words. */
export function progress(
  { files, bytes, found, isFoundAll, problems }: Tally,
  outbox: Outbox,
  { isOpen }: Archive,
): string {
  const done = files + problems.length;
  const share = found === 0 ? Number(isFoundAll) : Math.min(done / found, 1);
  const full = Math.floor(share * WIDTH);
  return [
    `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${String(Math.floor(share * 100)).padStart(3)}%`,
    `${say(files)} of ${say(found)}${isFoundAll ? '' : '+'} files`,
    sayBytes(bytes),
    `batches ${outbox.acknowledged}/${outbox.made}${isOpen ? '' : ' (opening the archive)'}`,
  ].join('  ');
}
