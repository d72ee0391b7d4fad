import { describe, expect, it } from '@jest/globals';
import { QueueFullError } from '../../src/errors.js';
import { checkRoom } from '../../src/thread/check-room.js';
import { toSettings } from '../../src/thread/options.js';

const room = (inside: number, size: number, overlap: number, maxQueue: number) => () => {
  checkRoom(inside, toSettings({ size, overlap, maxQueue }));
};

describe('checkRoom', () => {
  it('should let in as many as may run, and as many as may wait', () => {
    expect(room(5, 2, 2, 2)).not.toThrow();
    expect(room(1_000_000, 1, 1, Infinity)).not.toThrow();
  });

  it('should refuse one more', () => {
    expect(room(6, 2, 2, 2)).toThrow(new QueueFullError(2));
  });

  it('should let nothing wait where nothing may', () => {
    expect(room(0, 1, 1, 0)).not.toThrow();
    expect(room(1, 1, 1, 0)).toThrow(/option "maxQueue" is 0/);
  });
});
