import { say } from '../inventory/words.js';
import type { Crew } from './crew.js';

/** The table at the end. */
export function toReport(crew: Crew, deadLetters: number): string {
  const { workers, jobs, done, takenOver, doneTwice } = crew;
  const rows = [
    ['', 'done', 'lost', ''],
    ...workers.map(({ name, done, lost, end = '' }) => [
      name,
      say(done.length),
      say(lost.length),
      end,
    ]),
    ['', '', '', ''],
    ['jobs', say(jobs), '', ''],
    ['done', say(done), '', ''],
    ['taken over', say(takenOver), '', ''],
    ['done twice', say(doneTwice), '', ''],
    ['failed', say(deadLetters), '', ''],
  ];
  return rows
    .map(([name = '', one = '', two = '', note = '']) =>
      `  ${name.padEnd(10)}  ${one.padStart(5)}  ${two.padStart(5)}  ${note}`.trimEnd(),
    )
    .join('\n');
}

/** What is not as it should be, if anything. */
export function complaint(crew: Crew, deadLetters: number): string | undefined {
  const { jobs, done, doneTwice, missing, takenOver } = crew;
  if (done < jobs) return `${say(jobs - done)} jobs were not done`;
  if (doneTwice > 0) return `${say(doneTwice)} jobs were done twice`;
  if (missing > 0) return `${say(missing)} jobs were lost with their worker`;
  if (deadLetters > 0) return `${say(deadLetters)} jobs have failed`;
  return takenOver > 0 ? undefined : 'no worker was killed in the middle of its work';
}
