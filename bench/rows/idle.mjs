// What a task that waits for ever keeps on the heap, among 100,000 of them: used heap after a collection,
// less what it was before. The array of what has to be held, so that it isn't collected, is there before.

import { Effect, Fiber } from 'effect';
import PQueue from 'p-queue';
import { NEVER, asapScheduler, defer, finalize, subscribeOn } from 'rxjs';
import { setImmediate as turn } from 'node:timers/promises';
import { Runner } from '../../dist/index.js';

const SIZE = 100_000;
/** RxJS's own queue is quadratic, so whoever uses it is fed in portions. */
const PORTION = 2_000;

export const makeGroup = ({ quick }) => ({
  generations: 1,
  rows: [
    {
      metrics: [
        { row: `an idle task among ${SIZE.toLocaleString('en')}`, unit: 'bytes', better: 'less' },
      ],
      warmUp: quick ? 0 : 1,
      rounds: quick ? 2 : 7,
      competitors,
    },
  ],
});

const idle = () => undefined;

async function weigh(make, free) {
  const held = new Array(SIZE).fill(undefined);
  await collect();
  const before = process.memoryUsage().heapUsed;
  await make(held);
  await collect();
  const bytes = process.memoryUsage().heapUsed - before;
  await free(held);
  return [bytes / SIZE];
}

async function collect() {
  for (let i = 0; i < 3; i++) {
    await turn();
    globalThis.gc();
  }
}

async function weighRunner(hold) {
  const runner = new Runner({ shutdownTimeout: 60_000 });
  void runner.run();
  const adopt = async (held) => {
    for (let i = 0; i < SIZE; i++) {
      const task$ = runner.adopt(NEVER);
      if (hold) held[i] = task$;
    }
    while (runner.tasks().some((task) => task.attempt === 0)) await turn();
  };
  return weigh(adopt, () => runner.shutdown());
}

const competitors = {
  rxvisor: () => weighRunner(false),

  'rxvisor, AdoptedTask kept': () => weighRunner(true),

  'RxJS pipeline': () =>
    weigh(
      async (held) => {
        for (let i = 0; i < SIZE; i++) {
          held[i] = defer(() => NEVER)
            .pipe(subscribeOn(asapScheduler), finalize(idle))
            .subscribe();
          if (i % PORTION === 0) await turn();
        }
      },
      (held) => {
        for (const subscription of held) subscription.unsubscribe();
      },
    ),

  'Effect forkDetach': () =>
    weigh(
      (held) =>
        Effect.runPromise(
          Effect.gen(function* () {
            for (let i = 0; i < SIZE; i++) held[i] = yield* Effect.forkDetach(Effect.never);
          }),
        ),
      (held) => Effect.runPromise(Fiber.interruptAll(held)),
    ),

  'p-queue (all at a time)': () =>
    weigh((held) => {
      const queue = new PQueue({ concurrency: Infinity });
      for (let i = 0; i < SIZE; i++) {
        const endless = new Promise(idle);
        held[i] = endless;
        void queue.add(() => endless);
      }
      held.queue = queue;
    }, idle),

  'an AbortController alone': () =>
    weigh((held) => {
      for (let i = 0; i < SIZE; i++) {
        held[i] = new AbortController();
        held[i].signal;
      }
    }, idle),
};
