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

export const PIPELINE = 'RxJS pipeline';

/** Turns are short and many, so that few of them are interrupted by what else the machine does. */
const TURN = 40;

export const makeGroup = ({ quick }) => ({
  generations: quick ? 1 : 3,
  rows: SIZES.map((size) => ({
    metrics: [burstOf(size)],
    ...(size < QUADRATIC ? { warmUp: 5, rounds: 9 } : { warmUp: quick ? 1 : 2, rounds: 3 }),
    competitors: Object.fromEntries(
      Object.entries(COMPETITORS)
        .filter(([competitor]) => size < QUADRATIC || competitor !== PIPELINE)
        .map(([competitor, work]) => [competitor, () => work(size, TURN)]),
    ),
  })),
});

export const burstOf = (size) => ({
  row: `adopt to exit, burst ${size.toLocaleString('en')}`,
  unit: 'tasks/s',
  better: 'more',
});

const idle = () => undefined;

/** Bursts one after the other, each timed by itself, for as many ms as told: one at least. */
async function timeBursts(size, span, begin) {
  let elapsed = 0;
  let bursts = 0;
  do {
    const { count, over } = countdown(size);
    const began = performance.now();
    begin(count);
    await over;
    elapsed += performance.now() - began;
    bursts++;
  } while (elapsed < span);
  return [perSecond(size * bursts, elapsed)];
}

export const COMPETITORS = {
  rxvisor: async (size, span) => {
    const runner = new Runner();
    void runner.run();
    const result = await timeBursts(size, span, (count) => {
      for (let i = 0; i < size; i++) runner.adopt(count);
    });
    if (runner.tasks().length > 0) throw new Error('a task had not exited');
    await runner.shutdown();
    return result;
  },

  'rxvisor, observed': async (size, span) => {
    const runner = new Runner();
    let count = idle;
    runner.events$.subscribe((event) => {
      if (event.type === 'exit') count();
    });
    void runner.run();
    const result = await timeBursts(size, span, (counting) => {
      count = counting;
      for (let i = 0; i < size; i++) runner.adopt(idle);
    });
    await runner.shutdown();
    return result;
  },

  [PIPELINE]: (size, span) =>
    timeBursts(size, span, (count) => {
      for (let i = 0; i < size; i++) {
        defer(() => {
          idle();
          return EMPTY;
        })
          .pipe(subscribeOn(asapScheduler), finalize(count))
          .subscribe();
      }
    }),

  'Effect forkDetach': (size, span) =>
    timeBursts(size, span, (count) => {
      const fork = Effect.forkDetach(Effect.sync(count));
      Effect.runFork(
        Effect.gen(function* () {
          for (let i = 0; i < size; i++) yield* fork;
        }),
      );
    }),

  'p-queue (100 at a time)': (size, span) => {
    const queue = new PQueue({ concurrency: 100 });
    return timeBursts(size, span, (count) => {
      for (let i = 0; i < size; i++) void queue.add(count);
    });
  },
};
