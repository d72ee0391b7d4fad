import { describe, expect, it } from '@jest/globals';
import { Room } from '../../../src/broker/claims/room.js';
import type { Database } from '../../../src/broker/database.js';

/** A database that answers when it's told to. */
class Stub {
  readonly asked: unknown[] = [];
  #answer: () => void = () => undefined;

  executeSql(text: string): Promise<{ rows: [] }> {
    this.asked.push(text);
    return new Promise((resolve) => {
      this.#answer = () => {
        resolve({ rows: [] });
      };
    });
  }

  answer(): void {
    this.#answer();
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('Room', () => {
  it('should tell once of all that came to its end in one turn, or while it was being told', async () => {
    const stub = new Stub();
    const database = stub as unknown as Database;
    const room = new Room({ database, schema: 'rxvisor', queue: 'mails' }, 'channel');
    for (let n = 0; n < 1_000; n++) room.freed();
    await turn();
    const first = [...stub.asked];
    for (let n = 0; n < 1_000; n++) {
      room.freed();
      await turn();
    }
    const meanwhile = stub.asked.length;
    stub.answer();
    await turn();
    stub.answer();
    await turn();

    expect(first).toEqual([expect.stringMatching(/pg_notify.*channel.*mails/)]);
    expect(meanwhile).toBe(1);
    expect(stub.asked).toHaveLength(2);
  });

  it('should mind no database that doesn’t answer: it’s found by the next who looks', async () => {
    const lost = { executeSql: () => Promise.reject(new Error('lost')) } as unknown as Database;
    const room = new Room({ database: lost, schema: 'rxvisor', queue: 'mails' }, 'channel');
    room.freed();
    await turn();
    room.freed();
    await turn();
  });
});
