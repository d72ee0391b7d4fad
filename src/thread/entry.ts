import process from 'node:process';
import { receiveMessageOnPort, threadId, workerData } from 'node:worker_threads';
import type { AnyFunction } from '../task/shapes.js';
import { encodeError } from './error-codec.js';
import { Desk } from './inside/desk.js';
import { Linger } from './inside/linger.js';
import { loadExport } from './inside/load-module.js';
import { Speaker } from './inside/speaker.js';
import {
  type Define,
  DYING,
  EXITING,
  type Equipment,
  HELLO,
  LOADED,
  LOADING,
  type ToThread,
} from './protocol.js';
import type { Said } from './outbox.js';
import { Seats } from './seats.js';
import { markThread } from './mark.js';

// What a thread runs. It stands between the port and the desk, and says last words.

const { port, seats: shared, overlap } = workerData as Equipment;
const seats = new Seats(shared);
const found = new Map<number, AnyFunction>();
markThread();

const speaker: Speaker = new Speaker(
  (said, transferList) => {
    port.postMessage(said, transferList as never);
  },
  (id, error) => desk.refuse(id, error),
);

const desk: Desk = new Desk(
  seats,
  overlap,
  speaker,
  (define, task) => found.get(define[1]) ?? find(define, task),
  () => process.exit(0),
  () => {
    // Not within what has just ended.
    void Promise.resolve().then(() => {
      linger.stay();
    });
  },
);

const linger = new Linger<Said<ToThread>>(seats, () => receiveMessageOnPort(port), desk);

async function find(
  [, target, module, name, , , isService]: Define,
  task: string,
): Promise<AnyFunction> {
  // Nobody may hear anything any more once a module has begun to run.
  speaker.say([LOADING]);
  speaker.flush();
  try {
    const payload = await loadExport({ module, name, isService }, task, threadId);
    speaker.say([LOADED, true]);
    found.set(target, payload);
    return payload;
  } catch (error) {
    speaker.say([LOADED, false]);
    throw error;
  }
}

port.on('message', (said: Said<ToThread>) => {
  linger.turned();
  desk.receive(said);
  linger.stay();
});

// Whose it was, and what, nobody knows.
port.on('messageerror', (error) => {
  throw error;
});

// A module may handle what nobody catches: then it's none of ours.
process.on('uncaughtExceptionMonitor', (error, origin) => {
  if (process.listenerCount('uncaughtException') > 0) return;
  const reason = origin === 'unhandledRejection' ? 'unhandled-rejection' : 'uncaught';
  speaker.say([DYING, reason, encodeError(error)]);
  speaker.flush();
});

process.on('exit', (code) => {
  speaker.say([EXITING, code]);
  speaker.flush();
});

speaker.say([HELLO]);
speaker.flush();
