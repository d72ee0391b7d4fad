import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers';
import { parentPort, workerData } from 'node:worker_threads';
import { log } from '../../log.js';
import { Beat } from './beat.js';
import type { Equipment, ToHeart } from './beat-on-thread.js';

// What the thread of the heartbeats runs: it says so on a connection of its own, whatever the main thread does.

interface Client {
  connect(): Promise<unknown>;
  query(text: string, values: unknown[]): Promise<unknown>;
  end(): Promise<void>;
  on(event: 'error' | 'end', listener: (error?: unknown) => void): unknown;
}

const debug = log('broker');
/** How long the database may take to answer, in ms: then it's another connection's turn. */
const PATIENCE = 2_500;
/** When what is needed for the first heartbeat is loaded, in ms: well before that. */
const SOON = 500;

const { connection, touch } = workerData as Equipment;
let current: Promise<Client> | undefined;

/** It takes longer to load than the thread to start, and who is at its jobs for a moment only doesn't need it. */
function loadClient(): new (settings: object) => Client {
  const require = createRequire(import.meta.resolve('pg-boss'));
  return (require('pg') as { readonly Client: new (settings: object) => Client }).Client;
}

setTimeout(loadClient, SOON).unref();

function connect(): Promise<Client> {
  const Client = loadClient();
  const client = new Client({
    ...connection,
    application_name: 'rxvisor',
    connectionTimeoutMillis: PATIENCE,
    query_timeout: PATIENCE,
  });
  const opening = client.connect().then(() => client);
  const lost = (error?: unknown) => {
    if (error !== undefined) debug('the connection of the heartbeats is lost: %O', error);
    if (current === opening) current = undefined;
  };
  client.on('error', lost);
  client.on('end', lost);
  opening.catch(lost);
  return opening;
}

const beat = new Beat(touch, async (text, values) => {
  const opening = (current ??= connect());
  try {
    const client = await opening;
    await client.query(text, values);
  } catch (error) {
    // Whatever it's in the middle of, the next one is another.
    if (current === opening) current = undefined;
    opening.then(end, () => undefined);
    throw error;
  }
});

const end = async (client: Client) => client.end().catch(() => undefined);

async function stop(): Promise<void> {
  await beat.stop();
  const opening = current;
  current = undefined;
  if (opening) await opening.then(end, () => undefined);
  parentPort?.close();
}

parentPort?.on('message', (said: ToHeart) => {
  if (said === 'stop') void stop();
  else beat.add(said);
});
