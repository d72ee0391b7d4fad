/**
 * The collector, a process of its own: counts what is reported to it, each batch once, acknowledges
 * it, and hangs up at random: before it has counted (the batch is lost), or after, but before it has
 * said so (the batch comes again and must not be counted twice).
 *
 *   parent → 'end'            collector → { port }, then { totals } when asked to end
 *   client → { id, files }    collector → { id }
 */
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { Batch } from './outbox.js';

export interface Totals {
  batches: number;
  files: number;
  bytes: number;
  /** Batches that were known already. */
  repeats: number;
  /** Batches over which it hung up. */
  drops: number;
  connections: number;
}

const dropRate = Number(process.argv[2]);
const known = new Set<number>();
const totals: Totals = { batches: 0, files: 0, bytes: 0, repeats: 0, drops: 0, connections: 0 };

const server = createServer((socket) => {
  totals.connections++;
  createInterface({ input: socket })
    .on('line', (line) => {
      if (!socket.destroyed) receive(JSON.parse(line) as Batch, socket);
    })
    // A client that is gone comes again.
    .on('error', () => undefined);
});

function receive(batch: Batch, socket: Socket): void {
  const luck = Math.random();
  if (luck < dropRate / 2) {
    hangUp(socket);
    return;
  }
  count(batch);
  if (luck < dropRate) hangUp(socket);
  else socket.write(`${JSON.stringify({ id: batch.id })}\n`);
}

function count({ id, files }: Batch): void {
  if (known.has(id)) {
    totals.repeats++;
    return;
  }
  known.add(id);
  totals.batches++;
  totals.files += files.length;
  totals.bytes += files.reduce((sum, { size }) => sum + size, 0);
}

/** Politely, or as a machine does that loses its power. */
function hangUp(socket: Socket): void {
  totals.drops++;
  if (Math.random() < 0.5) socket.destroy();
  else socket.resetAndDestroy();
}

// Ctrl-C reaches every process of the terminal; when this one ends is for its parent to say.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());
if (!process.connected) process.exit();
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
  // What came earlier has been kept until now.
  process.on('message', () => process.send?.({ totals }));
});
