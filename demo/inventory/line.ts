import { type Socket, connect } from 'node:net';
import {
  Observable,
  type OperatorFunction,
  defer,
  first,
  fromEvent,
  map,
  mergeMap,
  share,
} from 'rxjs';

interface Message {
  readonly id: number;
}

/** A connection on which questions are answered: one JSON message per line, told apart by their ids. */
export class Line {
  readonly #socket: Socket;
  readonly #answers$: Observable<Message>;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#answers$ = fromEvent(socket, 'data').pipe(
      map(String),
      toLines(),
      map((line) => JSON.parse(line) as Message),
      share(),
    );
  }

  /** Sends, and emits the answer. Cold. */
  ask(question: Message): Observable<Message> {
    return defer(() => {
      this.#socket.write(`${JSON.stringify(question)}\n`);
      return this.#answers$.pipe(first(({ id }) => id === question.id));
    });
  }
}

/**
 * Connects when subscribed, hangs up when unsubscribed. Emits the line when it's up; errors when it
 * breaks, and when the other side hangs up.
 */
export function openLine(port: number): Observable<Line> {
  return new Observable((subscriber) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }).setEncoding('utf8');
    socket.on('connect', () => {
      subscriber.next(new Line(socket));
    });
    socket.on('error', (error) => {
      subscriber.error(error);
    });
    socket.on('close', () => {
      subscriber.error(new Error('the collector hung up'));
    });
    return () => {
      socket.destroy();
    };
  });
}

/** Cuts chunks of text into lines. */
function toLines(): OperatorFunction<string, string> {
  return (chunks$) =>
    defer(() => {
      let rest = '';
      return chunks$.pipe(
        mergeMap((chunk) => {
          const lines = (rest + chunk).split('\n');
          rest = lines.pop() ?? '';
          return lines;
        }),
      );
    });
}
