import { decodeError } from '../error-codec.js';
import {
  COMPLETED,
  DYING,
  EXITING,
  FAILED,
  type FromThread,
  HELLO,
  LOADED,
  LOADING,
  OVER,
  READY,
  REFUSED,
  RESULT,
  VALUES,
} from '../protocol.js';
import type { Assignment } from './assignment.js';
import type { Obituary } from './obituary.js';
import type { StartWatch } from './start-watch.js';

/** What a thread's messages are about. */
export interface Heard {
  readonly obituary: Obituary;
  readonly watch: StartWatch;
  isTainted: boolean;
  readonly find: (id: number) => Assignment | undefined;
  /** It's over: nothing more comes of it. */
  readonly release: (id: number) => Assignment | undefined;
}

/** Does what one message from a thread says. */
export function hear(message: FromThread, heard: Heard): void {
  const { obituary, watch, find, release } = heard;
  switch (message[0]) {
    case RESULT:
      release(message[1])?.result(message[2]);
      break;
    case VALUES:
      find(message[1])?.values(message[2]);
      break;
    case OVER:
      release(message[1])?.over(message[2]);
      break;
    case READY:
      find(message[1])?.ready();
      break;
    case COMPLETED:
      find(message[1])?.completed();
      break;
    case FAILED:
      find(message[1])?.failed(message[2]);
      break;
    case REFUSED:
      find(message[1])?.valueRefused(decodeError(message[2]));
      break;
    case HELLO:
      obituary.wasUp = true;
      watch.end();
      break;
    case LOADING:
      watch.begin();
      break;
    case LOADED:
      watch.end();
      heard.isTainted ||= !message[1];
      break;
    case DYING:
      obituary.dying = { reason: message[1], error: decodeError(message[2]) };
      break;
    case EXITING:
      obituary.exiting = true;
  }
}
