import { createHash } from 'node:crypto';
import type { Listener, Listening } from '../database.js';
import type { Place } from '../jobs/tables.js';

/** Who hears what is said in the database. */
export interface Heard extends Omit<Listener, 'heard'> {
  /** There's a job in the queue. */
  readonly work: () => void;
  /** Another backend has said something. */
  readonly heard: (text: string) => void;
}

/** Where pg-boss says that there's a job, and backends talk to each other. */
export class Channels {
  /** Says of which queue there's a job. */
  readonly wake: string;
  /** What backends say. */
  readonly talk: string;
  readonly #place: Place;

  constructor(place: Place) {
    // As pg-boss makes it.
    const hash = createHash('sha224').update(place.schema).digest('hex').slice(0, 24);
    this.wake = `pgboss_${hash}`;
    this.talk = `rxvisor_${hash}`;
    this.#place = place;
  }

  listen(told: Heard): Promise<Listening> {
    const { database, queue } = this.#place;
    return database.listen([this.wake, this.talk], {
      ...told,
      heard: (channel, text) => {
        if (channel === this.talk) told.heard(text);
        else if (text === queue) told.work();
      },
    });
  }

  /** Says something to all the backends of this schema. */
  async sayAll(texts: readonly string[]): Promise<void> {
    const say = 'SELECT pg_notify($1, text) FROM unnest($2::text[]) AS said (text)';
    await this.#place.database.executeSql(say, [this.talk, texts]);
  }

  /** Says that there's a job in the queue. */
  async sayWake(): Promise<void> {
    const { database, queue } = this.#place;
    await database.executeSql('SELECT pg_notify($1, $2)', [this.wake, queue]);
  }
}
