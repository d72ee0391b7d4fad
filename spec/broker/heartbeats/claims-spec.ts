import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Claims, readClaims } from '../../../src/broker/heartbeats/claims.js';
import type { Claimed } from '../../../src/broker/jobs/stored-job.js';

const claimOf = (id: string, retryCount = 0) => ({ id, retryCount }) as Claimed;
const plain = (id: string) => id.replaceAll('-', '');

function setUp() {
  const pages: Int32Array[] = [];
  const claims = new Claims((page) => pages.push(page));
  return { claims, pages, read: () => readClaims(pages) };
}

describe('Claims', () => {
  it('should have no page before there is a claim', () => {
    expect(setUp().pages).toEqual([]);
    expect(readClaims([])).toEqual({ ids: [], retryCounts: [] });
  });

  it.each([
    randomUUID(),
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '80000000-0001-7fff-8000-00000000000f',
  ])('should be read by another thread as they were written: %s', (id) => {
    const { claims, pages } = setUp();
    claims.hold(claimOf(id, 7));

    expect(pages[0]!.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(readClaims(pages)).toEqual({ ids: [plain(id)], retryCounts: [7] });
  });

  it('should forget a claim that is released, and one that was never held', () => {
    const { claims, read } = setUp();
    const [first, second] = [claimOf(randomUUID()), claimOf(randomUUID(), 1)];
    claims.hold(first);
    claims.hold(second);
    claims.release(first);
    claims.release(first);
    claims.release(claimOf(randomUUID()));

    expect(read()).toEqual({ ids: [plain(second.id)], retryCounts: [1] });
  });

  it('should tell two attempts at the same job from each other', () => {
    const { claims, read } = setUp();
    const early = claimOf(randomUUID(), 0);
    const again = { ...early, retryCount: 1 };
    claims.hold(early);
    claims.hold(again);
    claims.release(early);

    expect(read().retryCounts).toEqual([1]);
  });

  it('should hold any number of claims, in memory that is used again', () => {
    const { claims, pages, read } = setUp();
    const all = Array.from({ length: 3_000 }, (_, n) => claimOf(randomUUID(), n));
    for (const each of all) claims.hold(each);
    const grown = pages.length;
    const ids = read().ids.sort();
    for (const each of all) claims.release(each);

    expect(ids).toEqual(all.map(({ id }) => plain(id)).sort());
    expect(read().ids).toEqual([]);

    for (const each of all) claims.hold(each);

    expect(pages).toHaveLength(grown);
    expect(new Set(read().ids).size).toBe(3_000);
  });
});
