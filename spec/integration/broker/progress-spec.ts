import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Subject, firstValueFrom } from 'rxjs';
import { Fleet, type Client, until } from './fleet.js';

jest.setTimeout(60_000);
jest.spyOn(process, 'emitWarning').mockReturnValue();

const WORKER = join(import.meta.dirname, '../../fixtures/broker/worker.mjs');

let fleet: Fleet;
let ear: Client;
let said: string[] = [];

beforeAll(async () => {
  fleet = await Fleet.start();
  ear = await fleet.client();
  ear.on('notification', ({ payload }) => said.push(payload));
  // What all backends of the schema say to each other.
  const [row] = await fleet.query(
    `SELECT 'rxvisor_' || left(encode(sha224('rxvisor'), 'hex'), 24) AS channel`,
  );
  await ear.query(`LISTEN "${String(row?.channel)}"`);
});

afterEach(async () => {
  await fleet.clear();
  said = [];
});

afterAll(async () => {
  await fleet.stop();
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

const isWatched = () => until(() => said.some((text) => text.includes('"watch"')));

describe('the progress of a job', () => {
  it('should be what it emits, on any backend, for any number of watchers, and complete with it', async () => {
    const { near, far, id, queue, source } = await running();
    const third = await fleet.open({ queue });
    const seen: unknown[] = [];
    for (const backend of [near, far, third, third]) {
      const mine: unknown[] = [];
      seen.push(mine);
      backend.progress$(id).subscribe({
        next: (value) => mine.push(value),
        complete: () => mine.push('complete'),
      });
    }
    await until(() => said.filter((text) => text.includes('"watch"')).length >= 3);
    for (const value of [1, { done: 0.5 }, { done: 0.5 }, null]) source.next(value);
    source.complete();
    await until(() => seen.every((mine) => (mine as unknown[]).includes('complete')));

    expect(seen).toEqual(Array(4).fill([1, { done: 0.5 }, { done: 0.5 }, null, 'complete']));
  });

  it('should be said only while somebody watches', async () => {
    const { near, id, source } = await running();
    source.next('before');
    const first = firstValueFrom(near.progress$(id));
    await isWatched();
    source.next('now');

    expect(await first).toBe('now');
    expect(said.join('')).not.toContain('before');
    source.complete();
  });

  it('should be said whole, however long that is', async () => {
    const { near, id, source } = await running();
    const long = { text: '“é” ⛵\n'.repeat(5_000) };
    const first = firstValueFrom(near.progress$(id));
    await isWatched();
    source.next(long);

    expect(await first).toEqual(long);
    expect(Math.max(...said.map((text) => Buffer.byteLength(text)))).toBeLessThan(8_000);
    source.complete();
  });

  it('should leave out what does not survive JSON, and do no harm with it', async () => {
    const { near, id, source } = await running();
    const first = firstValueFrom(near.progress$(id));
    await isWatched();
    source.next(1n);
    source.next(2);

    expect(await first).toBe(2);
    source.complete();
    await until(() => near.inflight === 0);
    expect(await fleet.stateOf(id)).toBe('completed');
  });

  it('should begin with the job if that waits', async () => {
    const { near, far } = await fleet.pair();
    const id = await near.submit({ type: 'report' });
    const seen: unknown[] = [];
    near.progress$(id).subscribe({
      next: (value) => seen.push(value),
      complete: () => seen.push('complete'),
    });
    await isWatched();
    far.setExecutor(() => [1]);
    await until(() => seen.includes('complete'));

    expect(seen).toEqual([[1], 'complete']);
  });

  it('should complete when the job fails, is over already, or never was', async () => {
    const { near, id, source } = await running();
    let completed = 0;
    const watch = (each: string) =>
      near.progress$(each).subscribe({ complete: () => (completed += 1) });
    watch(id);
    await isWatched();
    source.error(new Error('boom'));
    await until(() => completed === 1);
    watch(id);
    watch('00000000-0000-4000-8000-000000000000');
    watch('x');
    await until(() => completed === 4);
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
