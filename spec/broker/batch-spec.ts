import { beforeEach, describe, expect, it } from '@jest/globals';
import { Batch } from '../../src/broker/batch.js';
import { BackendDownError } from '../../src/errors.js';

const bad = new RangeError('out of range');
const down = new BackendDownError('no connection');

describe('Batch', () => {
  let written: string[][];
  let refuse: (items: readonly string[]) => Error | undefined;

  const write = (items: string[]) => {
    written.push(items);
    const error = refuse(items);
    return error ? Promise.reject(error) : Promise.resolve(items.map((item) => item.length));
  };
  const addAll = (batch: Batch<string, number>, ...items: string[]) =>
    Promise.all(items.map((item) => batch.add(item).catch((error: unknown) => error)));

  beforeEach(() => {
    written = [];
    refuse = () => undefined;
  });

  it('should write what comes in one turn as one, and give everybody their own', async () => {
    const batch = new Batch(write, { count: 10 });

    await expect(addAll(batch, 'a', 'bb', 'ccc')).resolves.toEqual([1, 2, 3]);
    expect(written).toEqual([['a', 'bb', 'ccc']]);
  });

  it('should write no more at once than it may, by count and by size, and one at the least', async () => {
    const batch = new Batch(write, { count: 3, size: 5, sizeOf: (item) => item.length });

    await addAll(batch, 'a', 'b', 'c', 'd', 'eeeee', 'ffffffff', 'ggg', 'hh', 'i');
    expect(written).toEqual([
      ['a', 'b', 'c'],
      ['d'],
      ['eeeee'],
      ['ffffffff'],
      ['ggg', 'hh'],
      ['i'],
    ]);
  });

  it('should have only what is refused fail', async () => {
    const batch = new Batch(write, { count: 10 });
    refuse = (items) => (items.includes('x') ? bad : undefined);

    await expect(addAll(batch, 'a', 'bb', 'x', 'cc', 'd')).resolves.toEqual([1, 2, bad, 2, 1]);
  });

  it('should write nothing by halves when it is the database that is gone', async () => {
    const batch = new Batch(write, { count: 10 });
    refuse = () => down;

    await expect(addAll(batch, 'a', 'b', 'c')).resolves.toEqual([down, down, down]);
    expect(written.length).toBe(1);
  });

  it('should go on after a failure', async () => {
    const batch = new Batch(write, { count: 10 });
    refuse = () => down;
    await addAll(batch, 'a');
    refuse = () => undefined;

    await expect(addAll(batch, 'a')).resolves.toEqual([1]);
  });
});
