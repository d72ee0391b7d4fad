import { parentPort, workerData } from 'node:worker_threads';
import { encodeError } from '../../thread/error-codec.js';
import { Beat } from '../heartbeats/beat.js';
import { type PGlite, type Result, jsonOf, openPGlite } from './pglite.js';
import type { Equipment, FromDatabase, ToDatabase } from './protocol.js';

// What the thread of a database runs: PGlite, and the heartbeats of the jobs that are done meanwhile.

const { dataDir } = workerData as Equipment;
const beats = new Map<number, Beat>();

function say(said: FromDatabase): void {
  parentPort?.postMessage(said);
}

/** What came before is over by then: there's one connection, which a failure leaves in the middle of a transaction. */
let before: Promise<unknown> = Promise.resolve();

function execute(db: PGlite, text: string, values: unknown[] = []): Promise<Result[]> {
  const result = before.then(async () => {
    try {
      return values.length > 0 ? [await db.query(text, values)] : await db.exec(text);
    } catch (error) {
      await db.exec('ROLLBACK').catch(() => undefined);
      throw error;
    }
  });
  before = result.catch(() => undefined);
  return result;
}

async function answer(db: PGlite, id: number, text: string, values?: unknown[]): Promise<void> {
  try {
    const results = await execute(db, text, values);
    say({
      type: 'executed',
      id,
      results: results.map((result) => ({ rows: result.rows, json: jsonOf(result) })),
    });
  } catch (error) {
    say({ type: 'failed', id, error: encodeError(error) });
  }
}

async function close(db: PGlite): Promise<void> {
  await Promise.all(Array.from(beats.values(), (beat) => beat.stop()));
  await before;
  await db.close();
  parentPort?.close();
}

function receive(db: PGlite, asked: ToDatabase): void {
  switch (asked.type) {
    case 'execute':
      void answer(db, asked.id, asked.text, asked.values);
      break;
    case 'beat':
      beats.set(asked.beat, new Beat(asked.touch, (text, values) => execute(db, text, values)));
      break;
    case 'page':
      beats.get(asked.beat)?.add(asked.page);
      break;
    case 'still':
      void beats.get(asked.beat)?.stop();
      beats.delete(asked.beat);
      break;
    case 'close':
      void close(db);
  }
}

async function open(): Promise<void> {
  try {
    const db = await openPGlite(dataDir);
    db.onNotification((channel, text) => {
      say({ type: 'heard', channel, text });
    });
    parentPort?.on('message', (asked: ToDatabase) => {
      receive(db, asked);
    });
    say({ type: 'open' });
  } catch (error) {
    say({ type: 'refused', error: encodeError(error) });
  }
}

void open();
