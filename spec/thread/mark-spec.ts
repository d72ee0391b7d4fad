import { describe, expect, it } from '@jest/globals';
import { isInThread, markThread } from '../../src/thread/mark.js';

describe('the mark of a thread', () => {
  it('should not be there before it is made, and then for good', () => {
    expect(isInThread()).toBe(false);

    for (const _ of [1, 2]) markThread();
    expect(isInThread()).toBe(true);
    expect(Object.hasOwn(globalThis, Symbol.for('rxvisor.thread'))).toBe(true);
  });
});
