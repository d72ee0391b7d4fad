import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { once } from 'node:events';
import { type Transfer, constant, transfer } from 'rxvisor';
import { Stage, Workers, allOf, fixture, leaveStages, muffleStderr, outcomeOf } from './support.js';

interface Moves {
  sizeOf(bytes: Uint8Array): number;
  emitMoved(size: number, count: number): Generator<Transfer<Uint8Array> | number>;
  movedResult(size: number): Promise<Transfer<Uint8Array>>;
  sumAndGiveBack(bytes: Uint8Array): Transfer<Uint8Array>;
  failsWith(bytes: Uint8Array): never;
  movesTwice(): Generator<Transfer<Uint8Array>>;
  answers(port: MessagePort): void;
}

const moves = fixture<Moves>('moves.mjs', { window: 4 });
const MEGABYTE = 2 ** 20;

let workers: Workers;
let stage: Stage;

beforeEach(() => {
  workers = new Workers();
  stage = new Stage({ threads: { size: 1 } });
  muffleStderr();
});

afterEach(async () => {
  await leaveStages();
  workers.stopWatching();
  jest.restoreAllMocks();
  expect(workers.alive.size).toBe(0);
});

const moved = (bytes: Uint8Array) => transfer(bytes, [bytes.buffer]);

describe('an argument that is marked by transfer()', () => {
  it('should be in the thread, and no more where it was', async () => {
    const bytes = new Uint8Array(MEGABYTE);
    const execution$ = stage.runner.execute(moves.sizeOf(moved(bytes)));
    expect(bytes.byteLength).toBe(MEGABYTE);

    expect(await allOf(execution$)).toEqual([MEGABYTE]);
    expect(bytes.byteLength).toBe(0);
  });

  it('should be copied when it is not marked', async () => {
    const bytes = new Uint8Array(16);

    expect(await allOf(stage.runner.execute(moves.sizeOf(bytes)))).toEqual([16]);
    expect(bytes.byteLength).toBe(16);
  });

  it('should come back if the payload gives it back', async () => {
    const [back] = await allOf(
      stage.runner.execute(moves.sumAndGiveBack(moved(new Uint8Array(8)))),
    );

    expect([...back!]).toEqual([42, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('may be a port', async () => {
    const { port1, port2 } = new MessageChannel();
    const message = once(port1, 'message');
    await allOf(stage.runner.execute(moves.answers(transfer(port2, [port2]))));

    expect(await message).toEqual(['hello']);
    port1.close();
  });

  it('should fail the second run of a payload by name, and harm no other', async () => {
    const execution$ = stage.runner.execute(moves.sizeOf(moved(new Uint8Array(8))), {
      name: 'twice',
    });
    expect(await allOf(execution$)).toEqual([8]);
    const { values, failure } = await outcomeOf(execution$);

    expect(values).toEqual([]);
    expect(failure?.error).toMatchObject({
      code: 'ERR_RXVISOR_CLONE',
      message: expect.stringMatching(/^task "twice" /),
    });
    expect(await allOf(stage.runner.execute(moves.sizeOf(new Uint8Array(3))))).toEqual([3]);
    expect(workers.started).toHaveLength(1);
  });

  it('should fail a restart by name, for good', async () => {
    const { failure } = await outcomeOf(
      stage.runner.adopt(moves.failsWith(moved(new Uint8Array(8))), {
        name: 'again',
        restart: 'always',
        backoff: constant(0),
        errors: 'deliver',
      }),
    );

    expect(failure?.error).toMatchObject({ code: 'ERR_RXVISOR_CLONE', task: 'again' });
    expect(stage.ofType('crash', 'again')[0]?.error).toMatchObject({ message: 'got 8' });
    expect(stage.told('again')).toEqual([
      ...['start', 'crash restarting', 'restart crash'],
      ...['start', 'crash', 'exit failed'],
    ]);
  });

  it('should fail only the payload whose argument it is when it can be moved no more', async () => {
    const bytes = new Uint8Array(8);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    const [bad, good] = await Promise.all([
      outcomeOf(stage.runner.execute(moves.sizeOf(moved(bytes)), { name: 'bad' })),
      outcomeOf(stage.runner.execute(moves.sizeOf(new Uint8Array(3)))),
    ]);

    expect(bad.failure?.error).toMatchObject({ code: 'ERR_RXVISOR_CLONE', task: 'bad' });
    expect(good).toMatchObject({ values: [3], failure: undefined });
  });
});

describe('a value that is marked by transfer()', () => {
  it('should come in order, and be no more in the thread', async () => {
    const values = await allOf(stage.runner.execute(moves.emitMoved(8, 20)));

    expect(values.map((value) => (typeof value === 'number' ? value : [...value][0]))).toEqual(
      Array.from({ length: 20 }, (_, n) => [n, 0]).flat(),
    );
  });

  it('should be the result of a promise, too', async () => {
    const [bytes] = await allOf(stage.runner.execute(moves.movedResult(MEGABYTE)));

    expect(bytes!.byteLength).toBe(MEGABYTE);
    expect(bytes![MEGABYTE - 1]).toBe(7);
  });

  it('should fail the payload that moves a thing twice, after the values before', async () => {
    const { values, failure } = await outcomeOf(
      stage.runner.execute(moves.movesTwice(), { name: 'twice' }),
    );

    expect(values).toHaveLength(1);
    expect(failure?.error).toMatchObject({ code: 'ERR_RXVISOR_CLONE', task: 'twice' });
    expect(await allOf(stage.runner.execute(moves.sizeOf(new Uint8Array(3))))).toEqual([3]);
    expect(workers.started).toHaveLength(1);
  });
});
