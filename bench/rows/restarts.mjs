// How often a task that fails at once, with delay 0, is restarted in a second. The error is always the
// same object.

import cockatiel from 'cockatiel';
import { Effect } from 'effect';
import pRetry from 'p-retry';
import { EMPTY, defer, retry, timer } from 'rxjs';
import { Runner, constant } from '../../dist/index.js';
import { ERROR, perSecond } from '../support.mjs';

/** Restarts in one turn. */
const MANY = 20_000;
/** Of those who go through a timer of Node, which makes about 900 a second. */
const FEW = 20;

export const makeGroup = ({ quick }) => ({
  generations: quick ? 1 : 3,
  rows: [
    {
      metrics: [{ row: 'restarts of one task, delay 0', unit: 'restarts/s', better: 'more' }],
      warmUp: 5,
      rounds: 9,
      competitors: Object.fromEntries(
        Object.entries(COMPETITORS).map(([name, work]) => [
          name,
          () => time(work, SLOW.has(name) ? FEW : MANY),
        ]),
      ),
    },
  ],
});

/** A payload that fails `restarts` times and then returns. */
function failing(restarts) {
  let left = restarts;
  return () => {
    if (left-- > 0) throw ERROR;
  };
}

async function time(work, restarts) {
  const began = performance.now();
  await work(failing(restarts), restarts);
  return [perSecond(restarts, performance.now() - began)];
}

const whenCompleted = (source$) =>
  new Promise((resolve, reject) => source$.subscribe({ complete: resolve, error: reject }));

const toDefer = (payload) =>
  defer(() => {
    payload();
    return EMPTY;
  });

async function supervise(payload, observe) {
  const runner = new Runner();
  let events = 0;
  if (observe) runner.events$.subscribe(() => events++);
  runner.adopt(payload, { restart: 'on-failure', backoff: constant(0) });
  await runner.run({ until: 'idle' });
}

const SLOW = new Set(['RxJS retry, timer(0)', 'cockatiel']);

const COMPETITORS = {
  rxvisor: (payload) => supervise(payload, false),
  'rxvisor, observed': (payload) => supervise(payload, true),
  'RxJS retry, microtask': (payload) =>
    whenCompleted(toDefer(payload).pipe(retry({ delay: () => Promise.resolve() }))),
  'RxJS retry, timer(0)': (payload) =>
    whenCompleted(toDefer(payload).pipe(retry({ delay: () => timer(0) }))),
  'Effect retry': (payload, restarts) => {
    const failed = Effect.fail(ERROR);
    const task = Effect.suspend(() => {
      try {
        payload();
        return Effect.void;
      } catch {
        return failed;
      }
    });
    return Effect.runPromise(Effect.retry(task, { times: restarts }));
  },
  'p-retry': (payload, restarts) =>
    pRetry(payload, { retries: restarts, minTimeout: 0, maxTimeout: 0, factor: 1 }),
  cockatiel: (payload, restarts) =>
    cockatiel
      .retry(cockatiel.handleAll, {
        maxAttempts: restarts,
        backoff: new cockatiel.ConstantBackoff(0),
      })
      .execute(payload),
};
