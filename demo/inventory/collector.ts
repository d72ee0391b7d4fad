import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Observable, from, map, takeUntil } from 'rxjs';
import type { TaskContext } from 'rxvisor';
import type { Totals } from './collector-server.js';
import type { Outbox } from './outbox.js';

/** What is known of the collector. */
export interface CollectorDesk {
  readonly dropRate: number;
  readonly outbox: Outbox;
  port: number;
  totals: Totals | undefined;
}

type Message = { readonly port: number } | { readonly totals: Totals };

const SERVER = fileURLToPath(new URL('./collector-server.ts', import.meta.url));

/** Keeps the collector's process: ready when that listens, over when it has handed in its totals and is gone. */
export const collector =
  (desk: CollectorDesk) =>
  ({ ready, onTeardown }: TaskContext): Observable<never> => {
    const server = fork(SERVER, [String(desk.dropRate)]);
    const gone = once(server, 'exit') as Promise<[code: number | null, signal: string | null]>;
    server.on('message', (message: Message) => {
      if ('port' in message) {
        desk.port = message.port;
        ready();
      } else {
        desk.totals = message.totals;
        letGo(server);
      }
    });
    onTeardown(async () => {
      if (server.connected) server.send('end');
      await gone;
    });
    return from(gone).pipe(
      map(([code, signal]): never => {
        throw new Error(`the collector's process died (${signal ?? `exit code ${code}`})`);
      }),
      takeUntil(desk.outbox.drained$),
    );
  };

/** It ends when nobody is there any more to listen to it. */
function letGo(server: ChildProcess): void {
  if (server.connected) server.disconnect();
}
