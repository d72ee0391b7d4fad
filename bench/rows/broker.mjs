// Jobs on one PostgreSQL: how many are submitted and done a second, and how soon one begins that nobody
// waits before.

import { startPostgres } from '../postgres.mjs';
import { graphileWorker, pgBoss, rxvisor } from '../queues.mjs';
import { lazily } from '../pools.mjs';
import { countdown, perSecond } from '../support.mjs';

const QUEUES = { rxvisor, 'pg-boss': pgBoss, 'graphile-worker': graphileWorker };

export const makeGroup = async ({ quick }) => {
  await startPostgres();
  const opened = Object.entries(QUEUES).map(([name, open]) => [name, lazily(open)]);
  const toRow = (metrics, measure) => ({
    metrics,
    warmUp: 1,
    rounds: quick ? 2 : 5,
    competitors: Object.fromEntries(
      opened.map(([name, queue]) => [name, async () => measure(await queue())]),
    ),
  });
  // As many as take most of them a second: of a shorter time, one write that the disk is slow at is half.
  const many = quick ? 1_000 : 5_000;
  const most = 4 * many;
  return {
    generations: 1,
    rows: [
      toRow([rate('submits, one after the other', 'submits/s')], (queue) => oneByOne(queue, 300)),
      toRow([rate('submits in parallel', 'submits/s')], (queue) => inParallel(queue, many / 5)),
      toRow([rate('jobs done, 10 at a time', 'jobs/s')], (queue) => filledAndDone(queue, many, 10)),
      toRow([rate('jobs done, 100 at a time', 'jobs/s')], (queue) =>
        filledAndDone(queue, most, 100),
      ),
      toRow(
        [
          { row: 'submit to start, idle, p50', unit: 'ms', better: 'less' },
          { row: 'submit to start, idle, p99', unit: 'ms', better: 'less' },
        ],
        (queue) => latency(queue, 400),
      ),
    ],
  };
};

const rate = (row, unit) => ({ row, unit, better: 'more' });

async function oneByOne(queue, count) {
  const began = performance.now();
  for (let n = 0; n < count; n++) await queue.submit(n);
  const elapsed = performance.now() - began;
  await empty(queue, count);
  return [perSecond(count, elapsed)];
}

async function inParallel(queue, count) {
  const began = performance.now();
  await Promise.all(Array.from({ length: count }, (_, n) => queue.submit(n)));
  const elapsed = performance.now() - began;
  await empty(queue, count);
  return [perSecond(count, elapsed)];
}

async function empty(queue, jobs) {
  await done(queue, jobs, 100);
}

async function filledAndDone(queue, jobs, places) {
  await queue.fill(jobs);
  return [perSecond(jobs, await done(queue, jobs, places))];
}

/** How long it takes, in ms, until the last one is begun. */
async function done(queue, jobs, places) {
  const start = await queue.worker(places);
  const { count, over } = countdown(jobs);
  const began = performance.now();
  const stop = await start(count);
  await over;
  const elapsed = performance.now() - began;
  await stop();
  return elapsed;
}

async function latency(queue, count) {
  let begin;
  const start = await queue.worker(10);
  const stop = await start(() => begin());
  const took = [];
  for (let n = 0; n < count; n++) {
    const begun = new Promise((resolve) => (begin = resolve));
    const submitted = performance.now();
    void queue.submit(n);
    await begun;
    took.push(performance.now() - submitted);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await stop();
  took.sort((a, b) => a - b);
  return [took[count >> 1], took[Math.floor(count * 0.99)]];
}
