import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Listener } from '../../../src/broker/database.js';
import type { PgClient, PgPool } from '../../../src/broker/pg-boss.js';
import { Ear } from '../../../src/broker/pool/ear.js';

/** A connection of which a spec says what becomes of it. */
class FakeClient extends EventEmitter {
  readonly asked: string[] = [];
  released = 0;
  answer: () => Promise<void> = () => Promise.resolve();

  async query(query: string | { text: string }): Promise<{ rows: [] }> {
    this.asked.push(typeof query === 'string' ? query : query.text);
    await this.answer();
    return { rows: [] };
  }

  release(): void {
    this.released++;
  }
}

const broken = new Error('Connection terminated unexpectedly');

describe('Ear', () => {
  let clients: FakeClient[];
  let refuses: boolean;
  let told: string[];
  let listener: Listener;
  let ear: Ear;

  beforeEach(() => {
    jest.useFakeTimers();
    clients = [];
    refuses = false;
    told = [];
    listener = {
      heard: (channel, text) => told.push(`heard ${channel} ${text}`),
      missed: () => told.push('missed'),
      lost: ({ message }) => told.push(`lost: ${message}`),
    };
    const connect = () => {
      if (refuses) return Promise.reject(broken);
      const client = new FakeClient();
      clients.push(client);
      return Promise.resolve(client as unknown as PgClient);
    };
    ear = new Ear({ connect } as PgPool, (error) => error as Error, ['a', 'b'], listener);
  });

  afterEach(() => {
    ear.close();
    jest.useRealTimers();
  });

  it('should hear what is said on its channels', async () => {
    await ear.open();
    clients[0]?.emit('notification', { channel: 'a', payload: 'x' });
    clients[0]?.emit('notification', { channel: 'b' });

    expect(clients[0]?.asked).toEqual(['LISTEN "a"', 'LISTEN "b"']);
    expect(told).toEqual(['heard a x', 'heard b ']);
  });

  it('should tell once that it is lost, and that something may have been missed', async () => {
    await ear.open();
    clients[0]?.emit('error', broken);
    clients[0]?.emit('error', broken);
    clients[0]?.emit('end');
    await jest.advanceTimersByTimeAsync(100);

    expect(told).toEqual([`lost: ${broken.message}`, 'missed']);
    expect(clients.map(({ released }) => released)).toEqual([1, 0]);
  });

  it('should try again until it listens', async () => {
    await ear.open();
    refuses = true;
    clients[0]?.emit('end');
    await jest.advanceTimersByTimeAsync(10_000);
    expect(told).toEqual(['lost: Connection terminated']);
    refuses = false;
    await jest.advanceTimersByTimeAsync(2_000);

    expect(told).toEqual(['lost: Connection terminated', 'missed']);
  });

  it('should ask whether it listens, and be lost when there is no answer', async () => {
    await ear.open();
    const [first] = clients;
    if (first) first.answer = () => new Promise(() => undefined);
    await jest.advanceTimersByTimeAsync(3_000);
    expect(told).toEqual([]);
    await jest.advanceTimersByTimeAsync(3_100);

    expect(told).toEqual(['lost: timeout exceeded: no answer within 3000 ms', 'missed']);
  });

  it('should only fail when the first connection breaks as it begins to listen, and leave nothing', async () => {
    const opening = ear.open();
    await Promise.resolve();
    const [client] = clients;
    if (client) {
      client.answer = () => {
        client.emit('error', broken);
        client.emit('end');
        return Promise.reject(broken);
      };
    }

    await expect(opening).rejects.toBe(broken);
    expect(client?.released).toBe(1);
    expect(told).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('should give back what it gets when it is closed, and tell nothing more', async () => {
    await ear.open();
    clients[0]?.emit('end');
    await jest.advanceTimersByTimeAsync(99);
    ear.close();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(clients.map(({ released }) => released)).toEqual([1]);

    const late = new Ear(
      { connect: () => Promise.resolve(new FakeClient() as unknown as PgClient) } as PgPool,
      (error) => error as Error,
      ['a'],
      listener,
    );
    const opening = late.open();
    late.close();
    await opening;
    expect(jest.getTimerCount()).toBe(0);
  });
});
