import { asyncScheduler } from 'rxjs';

/** Resolves when some time has passed, in ms. */
export const later = (time: number): Promise<void> =>
  new Promise((resolve) => {
    asyncScheduler.schedule(() => {
      resolve();
    }, time);
  });
