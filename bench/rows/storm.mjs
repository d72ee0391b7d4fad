// 10,000 tasks that crash 20 times each, 10 ms apart: restarts per second, and how long the event loop
// stood still, as a 1 ms timer sees it.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import cockatiel from 'cockatiel';
import { Effect, Schedule } from 'effect';
import pRetry from 'p-retry';
import { EMPTY, defer, retry, timer } from 'rxjs';
import { Runner, constant } from '../../dist/index.js';
import { ERROR, countdown, perSecond } from '../support.mjs';

const TASKS = 10_000;
const RESTARTS = 20;
const DELAY = 10;

const title = `storm of ${TASKS.toLocaleString('en')} × ${RESTARTS} restarts at ${DELAY} ms`;

export const makeGroup = ({ quick }) => ({
  generations: 1,
  rows: [
    {
      metrics: [
        { row: title, unit: 'restarts/s', better: 'more' },
        { row: `${title}: loop pause, p99`, unit: 'ms', better: 'less' },
        { row: `${title}: loop pause, max`, unit: 'ms', better: 'less' },
      ],
      warmUp: quick ? 0 : 1,
      rounds: quick ? 1 : 7,
      competitors: Object.fromEntries(
        Object.entries(COMPETITORS).map(([name, work]) => [name, () => measure(work)]),
      ),
    },
  ],
});

async function measure(begin) {
  const { count, over } = countdown(TASKS);
  const pauses = monitorEventLoopDelay({ resolution: 1 });
  pauses.enable();
  const began = performance.now();
  const end = begin(count);
  await over;
  const elapsed = performance.now() - began;
  pauses.disable();
  await end?.();
  const toMs = (ns) => ns / 1e6;
  return [perSecond(TASKS * RESTARTS, elapsed), toMs(pauses.percentile(99)), toMs(pauses.max)];
}

/** A payload that fails `RESTARTS` times and then counts. */
function failing(count) {
  let left = RESTARTS;
  return () => {
    if (left-- > 0) throw ERROR;
    count();
  };
}

function supervise(count, observe) {
  const runner = new Runner();
  let events = 0;
  if (observe) runner.events$.subscribe(() => events++);
  void runner.run();
  const options = { restart: 'on-failure', backoff: constant(DELAY) };
  for (let i = 0; i < TASKS; i++) runner.adopt(failing(count), options);
  return () => runner.shutdown();
}

const COMPETITORS = {
  rxvisor: (count) => supervise(count, false),
  'rxvisor, observed': (count) => supervise(count, true),
  'RxJS retry, timer': (count) => {
    for (let i = 0; i < TASKS; i++) {
      const payload = failing(count);
      defer(() => {
        payload();
        return EMPTY;
      })
        .pipe(retry({ delay: () => timer(DELAY) }))
        .subscribe();
    }
  },
  'Effect retry': (count) => {
    const failed = Effect.fail(ERROR);
    const options = { schedule: Schedule.spaced(DELAY), times: RESTARTS };
    for (let i = 0; i < TASKS; i++) {
      const payload = failing(count);
      const task = Effect.suspend(() => {
        try {
          payload();
          return Effect.void;
        } catch {
          return failed;
        }
      });
      Effect.runFork(Effect.retry(task, options));
    }
  },
  'p-retry': (count) => {
    const options = { retries: RESTARTS, minTimeout: DELAY, factor: 1 };
    for (let i = 0; i < TASKS; i++) void pRetry(failing(count), options);
  },
  cockatiel: (count) => {
    const policy = cockatiel.retry(cockatiel.handleAll, {
      maxAttempts: RESTARTS,
      backoff: new cockatiel.ConstantBackoff(DELAY),
    });
    for (let i = 0; i < TASKS; i++) void policy.execute(failing(count));
  },
  'bare setTimeout': (count) => {
    for (let i = 0; i < TASKS; i++) {
      const payload = failing(count);
      const attempt = () => {
        try {
          payload();
        } catch {
          setTimeout(attempt, DELAY);
        }
      };
      attempt();
    }
  },
};
