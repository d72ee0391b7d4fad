import { randomUUID } from 'node:crypto';
import { type MemberSpec, type Runner, group } from 'rxvisor';
import type { Crew } from './crew.js';
import { keepWorker } from './keep-worker.js';
import { type Binaries, postgres } from './postgres.js';
import { submitAll } from './submit.js';
import type { Place } from './work.js';

/** Where the jobs are kept: a PostgreSQL that is there, or the binaries of one to be started. */
export type Database = { readonly url: string } | { readonly binaries: Binaries };

interface Desk {
  readonly crew: Crew;
  readonly database: Database;
  readonly runner: Runner;
  /** Told when all the jobs are settled, and how many of them have failed for good. */
  readonly over: (deadLetters: number) => void;
}

/**
 * The fleet as one payload. It goes on until it's stopped: first the workers, then the jobs, the database
 * last.
 */
export function fleet({ crew, database, runner, over }: Desk) {
  const queue = `fleet-${randomUUID().slice(0, 8)}`;
  let connectionString = 'url' in database ? database.url : '';
  const place = (): Place => ({ connectionString, schema: 'rxvisor_demo', queue });

  const submitting = submitAll({ jobs: crew.jobs, runner, place, over });
  const [, victim] = crew.workers;
  const workers = crew.workers.map((worker): MemberSpec => {
    const isVictim = worker === victim;
    const isDue = () => isVictim && crew.done >= crew.jobs / 2;
    const payload = keepWorker(worker, { crew, place, isDue });
    return { name: worker.name, payload, after: ['jobs'], significant: !isVictim };
  });
  const jobs: MemberSpec = { name: 'jobs', payload: submitting, awaitReady: true };
  if ('url' in database) return group([jobs, ...workers].map(once));
  const listens = (url: string) => (connectionString = url);
  const server = postgres(database.binaries, listens);
  return group(
    [
      { name: 'postgres', payload: server, awaitReady: true },
      { ...jobs, after: ['postgres'] },
      ...workers,
    ].map(once),
  );
}

/** Without any of them there's nothing to be seen. */
const once = (member: MemberSpec): MemberSpec => ({
  restart: 'never',
  significant: true,
  ...member,
});
