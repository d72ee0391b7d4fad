// The biggest burst through `asapScheduler`, whose cost grows with the square of what waits in it. Once, in
// a process of its own that is given up after a while: it may take seconds.

import { COMPETITORS, PIPELINE, burstOf } from './burst.mjs';

export const makeGroup = () => ({
  generations: 1,
  rows: [
    {
      metrics: [burstOf(100_000)],
      warmUp: 0,
      rounds: 1,
      competitors: {
        [PIPELINE]: async () => {
          await COMPETITORS[PIPELINE](1_000, 200);
          return COMPETITORS[PIPELINE](100_000, 0);
        },
      },
    },
  ],
});
