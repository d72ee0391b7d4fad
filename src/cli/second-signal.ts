import { constants } from 'node:os';
import { fromWishes } from '../runner/stop-on.js';

/** The second signal of this process: whoever sends that waits no longer. Listens for as long as the process lives. */
export class SecondSignal {
  /** Its number, once it has come. */
  number: number | undefined;
  readonly come: Promise<void>;

  constructor() {
    this.come = new Promise((resolve) => {
      // eslint-disable-next-line rxjs-x/no-ignored-error -- signals never error
      fromWishes().subscribe(({ number, signal }) => {
        if (number !== 2) return;
        this.number = constants.signals[signal];
        resolve();
      });
    });
  }
}
