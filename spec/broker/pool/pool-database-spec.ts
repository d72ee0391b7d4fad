import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { PoolDatabase } from '../../../src/broker/pool/pool-database.js';
import type { PgPool } from '../../../src/broker/pg-boss.js';

class Pool extends EventEmitter {
  readonly ended: string[] = [];
  readonly options = {};

  /** Has another connection. */
  connects(name: string): EventEmitter {
    const end = () => Promise.resolve(void this.ended.push(name));
    const client = Object.assign(new EventEmitter(), { end });
    this.emit('connect', client);
    return client;
  }
}

const open = (isOurs: boolean) => {
  const pool = new Pool();
  return { pool, database: new PoolDatabase(pool as unknown as PgPool, isOurs) };
};

describe('PoolDatabase', () => {
  it.each([true, false])(
    'should hear of a connection that is lost as soon as it’s there (a pool of its own: %s)',
    (isOurs) => {
      const { pool } = open(isOurs);
      const client = pool.connects('first');

      expect(() => client.emit('error', new Error('terminated'))).not.toThrow();
    },
  );

  it('should end its connections when nobody waits for them any more', () => {
    const { pool, database } = open(true);
    pool.connects('first');
    pool.emit('remove', pool.connects('second'));
    pool.connects('third');
    database.abandon();

    expect(pool.ended).toEqual(['first', 'third']);
  });

  it('should leave a pool that it was given as it was', async () => {
    const { pool, database } = open(false);
    pool.connects('first');
    database.abandon();
    await database.close();

    expect(pool.ended).toEqual([]);
    expect(pool.eventNames()).toEqual([]);
  });
});
