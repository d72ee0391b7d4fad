// Everybody's threads behind one shape, each loaded only where it's measured:
//
//   call(name, value)           a promise of what `name` in `workers/work.mjs` returns
//   move(buffer)                the same buffer, moved there and back
//   stream(name, count, next)   calls `next` with each value; a promise of the end
//   close()
//
// There is no `stream` where a task has but one result.

import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';

const moduleOf = (name) => new URL(`./workers/${name}.mjs`, import.meta.url);
const fileOf = (name) => fileURLToPath(moduleOf(name));

/** The most tasks that Piscina and tinypool give to one thread at a time, where they are told to. */
const MANY = 64;

export const rxvisor = async ({ size = 1, ...options } = {}) => {
  const [{ Runner, threaded, transfer }, { lastValueFrom }] = await Promise.all([
    import('../dist/index.js'),
    import('rxjs'),
  ]);
  const runner = new Runner({ threads: { size, ...options } });
  void runner.run();
  const work = threaded(moduleOf('work'));
  const mover = threaded(moduleOf('rxvisor'));
  return {
    call: (name, value) => lastValueFrom(runner.execute(work[name](value))),
    move: (buffer) => lastValueFrom(runner.execute(mover.move(transfer(buffer, [buffer])))),
    stream: (name, count, next) =>
      new Promise((resolve, reject) => {
        runner.execute(work[name](count)).subscribe({ next, complete: resolve, error: reject });
      }),
    iterate: (name, count) => runner.iterate(work[name](count)),
    close: () => runner.shutdown(),
  };
};

export const piscina = async ({ size = 1, many = 1 } = {}) => {
  const { Piscina } = await import('piscina');
  const pool = new Piscina({
    filename: fileOf('work'),
    minThreads: size,
    maxThreads: size,
    concurrentTasksPerWorker: many,
  });
  const move = { name: 'move', filename: fileOf('piscina') };
  return {
    call: (name, value) => pool.run(value, { name }),
    move: (buffer) => pool.run(Piscina.move(buffer), move),
    close: () => pool.destroy(),
  };
};

export const tinypool = async ({ size = 1, many = 1 } = {}) => {
  const { default: Tinypool } = await import('tinypool');
  const pool = new Tinypool({
    filename: moduleOf('work').href,
    minThreads: size,
    maxThreads: size,
    concurrentTasksPerWorker: many,
  });
  const filename = moduleOf('tinypool').href;
  return {
    call: (name, value) => pool.run(value, { name }),
    move: (buffer) => pool.run(buffer, { name: 'move', filename, transferList: [buffer] }),
    close: () => pool.destroy(),
  };
};

export const piscina64 = (options) => piscina({ ...options, many: MANY });
export const tinypool64 = (options) => tinypool({ ...options, many: MANY });

export const workerpool = async ({ size = 1 } = {}) => {
  const { default: pools } = await import('workerpool');
  const pool = pools.pool(fileOf('workerpool'), {
    workerType: 'thread',
    minWorkers: size,
    maxWorkers: size,
  });
  return {
    call: (name, value) => pool.exec(name, [value]),
    move: (buffer) => pool.exec('move', [buffer], { transfer: [buffer] }),
    close: () => pool.terminate(),
  };
};

/** One worker and no pool: its pool starts at most 870 tasks a second. A path is taken from this file. */
export const threadsJs = async () => {
  const { Thread, Transfer, Worker: ThreadsWorker, spawn } = await import('threads');
  const thread = await spawn(new ThreadsWorker('./workers/threads.mjs'));
  return {
    call: (name, value) => thread[name](value),
    move: (buffer) => thread.move(Transfer(buffer, [buffer])),
    stream: (name, count, next) =>
      new Promise((resolve, reject) => {
        thread[name](count).subscribe(next, reject, resolve);
      }),
    close: () => Thread.terminate(thread),
  };
};

/**
 * What a MessagePort does when nothing is asked of it but to carry values.
 *
 * @param options.batched  What one tick calls goes in one message, and so do the answers.
 * @param options.batch    As many values of a stream as this go in one message.
 */
export const barePort = async ({ batched = false, batch = 1 } = {}) => {
  const { port1: port, port2 } = new MessageChannel();
  const workerData = { port: port2, batch };
  const worker = new Worker(moduleOf('port'), { workerData, transferList: [port2] });
  await once(worker, 'online');

  const pending = new Map();
  let calls = [];
  let ids = 0;
  let take;
  let end;

  const settle = (results) => {
    for (let i = 0; i < results.length; i += 2) {
      pending.get(results[i])(results[i + 1]);
      pending.delete(results[i]);
    }
  };
  port.onmessage = ({ data: { results, values, end: isLast } }) => {
    if (results) return settle(results);
    for (const value of values) take(value);
    if (isLast) end();
  };
  const flush = () => {
    port.postMessage({ calls });
    calls = [];
  };

  return {
    call: (name, value) =>
      new Promise((resolve) => {
        const id = ++ids;
        pending.set(id, resolve);
        if (!batched) return port.postMessage({ calls: [id, name, value] });
        if (calls.push(id, name, value) === 3) queueMicrotask(flush);
      }),
    move: (moved) =>
      new Promise((resolve) => {
        const id = ++ids;
        pending.set(id, resolve);
        port.postMessage({ moved, id }, [moved]);
      }),
    stream: (stream, count, next) =>
      new Promise((resolve) => {
        take = next;
        end = resolve;
        port.postMessage({ stream, count });
      }),
    close: () => worker.terminate(),
  };
};

export const batchedPort = () => barePort({ batched: true });
export const port64 = () => barePort({ batch: MANY });

/** The same for a subscriber, as rxvisor's and threads.js's values are. */
export const subject64 = async () => {
  const [{ Subject }, { stream, close }] = await Promise.all([import('rxjs'), port64()]);
  return {
    stream: async (name, count, next) => {
      const values = new Subject();
      values.subscribe({ next });
      await stream(name, count, (value) => values.next(value));
      values.complete();
    },
    close,
  };
};

/** Opened when first needed, and left open for the turns to come: one for each process. */
export function lazily(open, options) {
  let pool;
  return () => (pool ??= open(options));
}
