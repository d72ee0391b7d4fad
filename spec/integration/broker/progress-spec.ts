import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Subject } from 'rxjs';
import type { BrokerTaskBackend } from 'rxvisor/broker';
import { type Client, until, useFleet } from './fleet.js';

jest.setTimeout(60_000);
jest.spyOn(process, 'emitWarning').mockReturnValue();

const WORKER = join(import.meta.dirname, '../../fixtures/broker/worker.mjs');

const fleet = useFleet();
let ear: Client;
let said: string[] = [];

beforeAll(async () => {
  ear = await fleet.client();
  ear.on('notification', ({ payload }) => said.push(payload));
  // What all backends of the schema say to each other.
  const [row] = await fleet.query(
    `SELECT 'rxvisor_' || left(encode(sha224('rxvisor'), 'hex'), 24) AS channel`,
  );
  await ear.query(`LISTEN "${String(row?.channel)}"`);
});

afterEach(() => {
  said = [];
});

/** A job that emits what it's told to. */
async function running() {
  const { near, far, queue } = await fleet.pair();
  const source = new Subject<unknown>();
  far.setExecutor(() => source);
  const id = await near.submit({ type: 'report' });
  await until(() => source.observed);
  return { near, far, queue, id, source };
}

/** Watches, and waits until that is known where the job runs: each has an own connection to hear it by. */
async function watch(backend: BrokerTaskBackend, id: string, source: Subject<unknown>) {
  const all: unknown[] = [];
  backend.progress$(id).subscribe({
    next: (value) => all.push(value),
    complete: () => all.push('complete'),
  });
  await until(() => {
    source.next('probe');
    return all.includes('probe');
  });
  return () => all.filter((value) => value !== 'probe');
}

describe('the progress of a job', () => {
  it('should be what it emits, on any backend, for any number of watchers, and complete with it', async () => {
    const { near, far, id, queue, source } = await running();
    const third = await fleet.open({ queue });
    const watchers: (() => unknown[])[] = [];
    for (const backend of [near, far, third, third]) {
      watchers.push(await watch(backend, id, source));
    }
    for (const value of [1, { done: 0.5 }, { done: 0.5 }, null]) source.next(value);
    source.complete();
    await until(() => watchers.every((seen) => seen().includes('complete')));

    const expected = [1, { done: 0.5 }, { done: 0.5 }, null, 'complete'];
    expect(watchers.map((seen) => seen())).toEqual(Array(4).fill(expected));
  });

  it('should be said only while somebody watches', async () => {
    const { near, id, source } = await running();
    source.next('before');
    const seen = await watch(near, id, source);
    source.next('now');
    await until(() => seen().length === 1);

    expect(seen()).toEqual(['now']);
    expect(said.join('')).not.toContain('before');
    source.complete();
  });

  it('should be said whole, however long that is', async () => {
    const { near, id, source } = await running();
    const long = { text: '“é” ⛵\n'.repeat(5_000) };
    const seen = await watch(near, id, source);
    source.next(long);
    await until(() => seen().length === 1);

    expect(seen()).toEqual([long]);
    expect(Math.max(...said.map((text) => Buffer.byteLength(text)))).toBeLessThan(8_000);
    source.complete();
  });

  it('should leave out what does not survive JSON, and do no harm with it', async () => {
    const { near, id, source } = await running();
    const seen = await watch(near, id, source);
    source.next(1n);
    source.next(2);
    await until(() => seen().length === 1);

    expect(seen()).toEqual([2]);
    source.complete();
    await until(() => near.inflight === 0);
    expect(await fleet.stateOf(id)).toBe('completed');
  });

  it('should begin with the job if that waits', async () => {
    const { near, far } = await fleet.pair();
    far.setExecutor(() => [1]);
    const id = await near.submit({ type: 'report' }, { delay: 1_000 });
    const seen: unknown[] = [];
    near.progress$(id).subscribe({
      next: (value) => seen.push(value),
      complete: () => seen.push('complete'),
    });
    await until(() => seen.includes('complete'));

    expect(seen).toEqual([[1], 'complete']);
  });

  it('should complete when the job fails, is over already, or never was', async () => {
    const { near, id, source } = await running();
    let completed = 0;
    const seen = await watch(near, id, source);
    source.error(new Error('boom'));
    await until(() => seen().includes('complete'));
    for (const each of [id, '00000000-0000-4000-8000-000000000000', 'x']) {
      near.progress$(each).subscribe({ complete: () => (completed += 1) });
    }
    await until(() => completed === 3);

    expect(seen()).toEqual(['complete']);
  });

  it('should complete when the backend of its watcher shuts down', async () => {
    const { near, id, source } = await running();
    let isComplete = false;
    near.progress$(id).subscribe({ complete: () => (isComplete = true) });
    await near.shutdown();

    expect(isComplete).toBe(true);
    source.complete();
  });

  it('should come from another process', async () => {
    const { near, queue } = await fleet.pair();
    const child = fork(WORKER, [fleet.url, queue]);
    await once(child, 'message');
    const id = await near.submit({ type: 'count', to: 5_000 }, { delay: 1_000 });
    const seen: unknown[] = [];
    let isComplete = false;
    near.progress$(id).subscribe({
      next: (value) => seen.push(value),
      complete: () => (isComplete = true),
    });
    await until(() => isComplete);
    child.send('stop');
    await once(child, 'exit');

    expect(seen.length).toBeGreaterThan(0);
    expect(seen).toEqual([...seen].sort((a, b) => Number(a) - Number(b)));
  });
});
