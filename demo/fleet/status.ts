import { say } from '../inventory/words.js';
import type { Crew, Worker } from './crew.js';
import { PLACES } from './work.js';

const WIDTH = 16;

/** A line for each worker, and one for all of them. */
export function status(crew: Crew): string {
  const { jobs, done, workers, missing } = crew;
  const share = done / jobs;
  const full = Math.floor(share * WIDTH);
  const bar = `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)}`;
  const waiting = missing > 0 ? `, ${missing} lost ones come after 10 s of silence` : '';
  return [
    ...workers.map(line),
    `${bar} ${Math.floor(share * 100)}%  ${say(done)} of ${say(jobs)} jobs${waiting}`,
  ].join('\n');
}

function line({ name, pid, running, done, end, lost }: Worker): string {
  const places = '●'.repeat(running.size) + '○'.repeat(Math.max(PLACES - running.size, 0));
  const now =
    end === undefined
      ? `${places} ${running.size} running`
      : `${end}, and ${lost.length} jobs with it`;
  return `${name}  pid ${String(pid ?? '').padEnd(7)}  ${say(done.length).padStart(4)} done  ${now}`;
}
