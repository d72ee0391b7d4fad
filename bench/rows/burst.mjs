// How fast tasks come and go: from the call that adopts the first to the exit of the last, as tasks
// per second. Every payload is a function that returns undefined; nobody runs it in the caller's stack.

import { Effect } from 'effect';
import PQueue from 'p-queue';
import { EMPTY, asapScheduler, defer, finalize, subscribeOn } from 'rxjs';
import { Runner } from '../../dist/index.js';
import { countdown, perSecond } from '../support.mjs';

const SIZES = [1_000, 10_000, 100_000];

/** A group of its own measures what `asapScheduler`, which is quadratic, makes of the biggest burst. */
const QUADRATIC = 100_000;

export function makeRows({ quick }) {
  return SIZES.map((size) => {
    const bursts = Math.max(1, (quick ? 30_000 : 100_000) / size);
    const competitors = Object.fromEntries(
      Object.entries(COMPETITORS)
        .filter(([competitor]) => size < QUADRATIC || competitor !== PIPELINE)
        .map(([competitor, work]) => [competitor, () => work(size, Math.round(bursts))]),
    );
    return {
      metrics: [burstOf(size)],
      warmUp: quick ? 2 : 3,
      rounds: quick ? 5 : 9,
      competitors,
    };
  });
}

export const burstOf = (size) => ({
  row: `adopt to exit, burst ${size.toLocaleString('en')}`,
  unit: 'tasks/s',
  better: 'more',
});

export const PIPELINE = 'RxJS pipeline';

const idle = () => undefined;

/** Several bursts one after the other, each timed by itself. */
async function timeBursts(size, bursts, begin) {
  let elapsed = 0;
  for (let burst = 0; burst < bursts; burst++) {
    const { count, over } = countdown(size);
    const began = performance.now();
    begin(count);
    await over;
    elapsed += performance.now() - began;
  }
  return [perSecond(size * bursts, elapsed)];
}

export const COMPETITORS = {
  rxvisor: async (size, bursts) => {
    const runner = new Runner();
    void runner.run();
    const result = await timeBursts(size, bursts, (count) => {
      for (let i = 0; i < size; i++) runner.adopt(count);
    });
    if (runner.tasks().length > 0) throw new Error('a task had not exited');
    await runner.shutdown();
    return result;
  },

  'rxvisor, observed': async (size, bursts) => {
    const runner = new Runner();
    let count = idle;
    runner.events$.subscribe((event) => {
      if (event.type === 'exit') count();
    });
    void runner.run();
    const result = await timeBursts(size, bursts, (counting) => {
      count = counting;
      for (let i = 0; i < size; i++) runner.adopt(idle);
    });
    await runner.shutdown();
    return result;
  },

  [PIPELINE]: (size, bursts) =>
    timeBursts(size, bursts, (count) => {
      for (let i = 0; i < size; i++) {
        defer(() => {
          idle();
          return EMPTY;
        })
          .pipe(subscribeOn(asapScheduler), finalize(count))
          .subscribe();
      }
    }),

  'Effect forkDetach': (size, bursts) =>
    timeBursts(size, bursts, (count) => {
      const fork = Effect.forkDetach(Effect.sync(count));
      Effect.runFork(
        Effect.gen(function* () {
          for (let i = 0; i < size; i++) yield* fork;
        }),
      );
    }),

  'p-queue (100 at a time)': (size, bursts) => {
    const queue = new PQueue({ concurrency: 100 });
    return timeBursts(size, bursts, (count) => {
      for (let i = 0; i < size; i++) void queue.add(count);
    });
  },
};
