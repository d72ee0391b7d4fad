import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { Observable, takeUntil } from 'rxjs';
import type { TaskContext } from 'rxvisor';
import type { Batch, Outbox } from './outbox.js';

interface Desk {
  /** How often it hangs up on a batch. */
  readonly dropRate: number;
  readonly outbox: Outbox;
  /** Resolves when a batch won't be lost any more. */
  readonly keep: (batch: Batch) => Promise<void>;
}

/**
 * To which batches are reported, over TCP: acknowledges each when it's kept for good, and hangs up at
 * random: before it has kept it, or after, but before it has said so, and the batch comes again.
 *
 *   client → { id, files }    collector → { id }
 */
export class Collector {
  readonly #desk: Desk;
  readonly #known = new Set<number>();
  port = 0;
  connections = 0;
  /** Batches that were known already. */
  repeats = 0;
  /** Batches over which it hung up. */
  drops = 0;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  listen({ ready }: TaskContext): Observable<never> {
    const listening$ = new Observable<never>((subscriber) => {
      const sockets = new Set<Socket>();
      const server = createServer((socket) => {
        this.connections++;
        sockets.add(socket);
        this.#attend(socket);
      });
      server.on('error', (error) => {
        subscriber.error(error);
      });
      server.listen(0, '127.0.0.1', () => {
        this.port = portOf(server);
        ready();
      });
      return () => {
        server.close();
        for (const socket of sockets) socket.destroy();
      };
    });
    return listening$.pipe(takeUntil(this.#desk.outbox.drained$));
  }

  #attend(socket: Socket): void {
    // A client that is gone comes again.
    socket.on('error', () => undefined);
    createInterface({ input: socket })
      .on('line', (line) => {
        if (!socket.destroyed) void this.#receive(JSON.parse(line) as Batch, socket);
      })
      .on('error', () => undefined);
  }

  async #receive(batch: Batch, socket: Socket): Promise<void> {
    const { dropRate, keep } = this.#desk;
    const luck = Math.random();
    if (luck < dropRate / 2) {
      this.#hangUp(socket);
      return;
    }
    if (this.#known.has(batch.id)) this.repeats++;
    this.#known.add(batch.id);
    try {
      await keep(batch);
    } catch {
      // Without a database. It's sent again, after a while.
      socket.destroy();
      return;
    }
    if (luck < dropRate) this.#hangUp(socket);
    else if (!socket.destroyed) socket.write(`${JSON.stringify({ id: batch.id })}\n`);
  }

  /** Politely, or as a machine does that loses its power. */
  #hangUp(socket: Socket): void {
    if (socket.destroyed) return;
    this.drops++;
    if (Math.random() < 0.5) socket.destroy();
    else socket.resetAndDestroy();
  }
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;
