import { log } from '../../log.js';
import { Batch } from '../batch.js';
import type { Place } from '../jobs/tables.js';
import { tellOfRoom } from './looks.js';

const debug = log('broker');

/** Tells those who claim that there's room in the fleet, once for all that came about in the same moment. */
export class Room {
  readonly #telling: Batch<undefined>;

  /** @param channel  Where it's said. */
  constructor({ database, schema, queue }: Place, channel: string) {
    this.#telling = new Batch(
      async () => {
        await database.executeSql(tellOfRoom(schema, queue, channel));
      },
      { count: Infinity },
    );
  }

  /** A job doesn't run any more. If nobody hears of it, it's found by the next who looks. */
  freed(): void {
    this.#telling.add(undefined).catch((error: unknown) => {
      debug('of room in the fleet: %O', error);
    });
  }
}
