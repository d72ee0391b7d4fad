import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { BrokerTaskBackend } from 'rxvisor/broker';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { Process, ROOT, endAll } from '../process.js';

jest.setTimeout(90_000);

/** For how long a process may say nothing, until it's looked whether one does so, and then some. */
const BUSY = 10_000 + 2_000 + 4_000;

let postgres: Postgres;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(async () => {
  endAll();
  await postgres.stop();
});

/** Another process that does the jobs of a queue, and this one that submits one and then does them, too. */
async function share(queue: string, job: { type: string; ms?: number }) {
  const other = new Process(process.execPath, [
    `${ROOT}/spec/fixtures/broker/busy.mjs`,
    postgres.url,
    queue,
  ]);
  await other.says('ready, 0 threads');
  const backend = new BrokerTaskBackend({ connectionString: postgres.url, queue });
  await backend.initialize();
  await backend.submit(job);
  await other.says('begun');
  const attempts: number[] = [];
  let found!: () => void;
  const isFound = new Promise<void>((resolve) => (found = resolve));
  backend.setExecutor((_, { attempt }) => {
    attempts.push(attempt);
    found();
  });
  return { other, backend, attempts, isFound };
}

describe('the heartbeats of jobs', () => {
  it('keep a job with a process that is too busy to say so, from a thread that ends with it', async () => {
    const { other, backend, attempts } = await share('busy', { type: 'block', ms: BUSY });
    await other.says('done');
    while (backend.inflight > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await backend.shutdown();

    expect(attempts).toEqual([]);

    other.signal('SIGTERM');
    await other.says('down, 1 begun, 1 over');

    expect(await other.ends()).toBe(0);
  });

  it('end with their process, whose job is done elsewhere within 30 s', async () => {
    const { other, backend, attempts, isFound } = await share('killed', { type: 'hang' });
    other.signal('SIGKILL');
    const since = performance.now();
    await isFound;
    const took = performance.now() - since;
    await backend.shutdown();

    expect(attempts).toEqual([2]);
    expect(took).toBeLessThan(30_000);
  });
});
