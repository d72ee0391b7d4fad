import { describe, expect, it, jest } from '@jest/globals';
import type { Queued } from '../../../src/schedulers/queued-action.js';
import { toSettings } from '../../../src/thread/options.js';
import { WaitingRoom } from '../../../src/thread/outside/waiting-room.js';

const FULL = expect.objectContaining({ code: 'ERR_RXVISOR_QUEUE_FULL' });
const toAction = (closed = false): Queued => ({ closed, execute: () => undefined });
const toRoom = (maxQueue = Infinity) => new WaitingRoom(toSettings({ size: 1, maxQueue }));

describe('WaitingRoom', () => {
  it('should be first in, first out', () => {
    const room = toRoom();
    const [one, two] = [toAction(), toAction()];
    expect([room.size, room.first, room.shift()]).toEqual([0, undefined, undefined]);
    room.push(one, () => 0);
    room.push(two, () => 0);

    expect(room.size).toBe(2);
    expect(room.first).toBe(one);
    expect([room.shift(), room.shift(), room.shift()]).toEqual([one, two, undefined]);
  });

  it('should not count who is inside where that doesn’t matter', () => {
    const countInside = jest.fn(() => 1_000);
    toRoom().push(toAction(), countInside);

    expect(countInside).not.toHaveBeenCalled();
  });

  it('should refuse one more than may run and wait', () => {
    const room = toRoom(2);
    room.push(toAction(), () => 1);
    room.push(toAction(), () => 1);
    expect(() => {
      room.push(toAction(), () => 1);
    }).toThrow(FULL);

    expect(room.size).toBe(2);
  });

  it('should not refuse anybody for those that were cancelled', () => {
    const room = toRoom(1);
    room.push(toAction(true), () => 1);
    const next = toAction();
    expect(() => {
      room.push(next, () => 1);
    }).not.toThrow();

    expect(room.first).toBe(next);
  });

  it('should not pile up those that were cancelled, and lose nobody else', () => {
    const room = toRoom();
    const waiting: Queued[] = [];
    let most = 0;
    for (let i = 0; i < 20_000; i++) {
      const action = toAction(i % 100 > 0);
      if (!action.closed) waiting.push(action);
      room.push(action, () => 0);
      most = Math.max(most, room.size);
    }
    const left: Queued[] = [];
    for (let each = room.shift(); each; each = room.shift()) if (!each.closed) left.push(each);

    expect(most).toBeLessThan(5_000);
    expect(left).toEqual(waiting);
  });
});
