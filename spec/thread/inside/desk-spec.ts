import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Overflow } from '../../../src/task/threaded-payload.js';
import { encodeError } from '../../../src/thread/error-codec.js';
import { Desk, type Find } from '../../../src/thread/inside/desk.js';
import {
  CANCEL,
  CLOSE,
  CREDIT,
  DEFINE,
  type Define,
  ENTER,
  type ToThread,
} from '../../../src/thread/protocol.js';
import { Seats } from '../../../src/thread/seats.js';
import type { AnyFunction, TaskContext } from '../../../src/task/shapes.js';
import { FakeVoice } from './order.js';

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
const boom = new Error('boom');
const STOP = { type: 'unsubscribe' };

const define = (target: number, window = 4, overflow: Overflow = 'error'): Define => [
  DEFINE,
  target,
  'file:///app/work.js',
  `export${target}`,
  window,
  overflow,
];
const cancel = (id: number): ToThread => [CANCEL, id, encodeError(STOP)];

describe('Desk', () => {
  let seats: Seats;
  let voice: FakeVoice;
  let leave: jest.Mock<() => void>;
  let idle: jest.Mock<() => void>;
  /** What runs, by the number of its target. */
  let payloads: Record<number, AnyFunction>;
  let find: jest.Mock<Find>;

  const toDesk = (overlap = 1) => new Desk(seats, overlap, voice, find, leave, idle);
  /** Offers an attempt in its seat; what the thread is told of it. */
  const enter = (id: number, target = 0, args: readonly unknown[] = []): ToThread => {
    seats.offer(id, id);
    return [ENTER, id, id, target, args, `job ${id}`, 3];
  };
  const course = () => voice.said.map(([what, id]) => `${what} ${id}`);

  beforeEach(() => {
    seats = new Seats();
    voice = new FakeVoice();
    leave = jest.fn();
    idle = jest.fn();
    payloads = { 0: () => 'a', 1: () => 'b' };
    find = jest.fn<Find>(([, target]) => payloads[target] ?? (() => undefined));
  });

  it('should run what it’s asked for, as it was defined', () => {
    const payload = jest.fn((_arg: unknown, _context: TaskContext) => 'a');
    payloads[0] = payload;
    toDesk().receive([define(0), enter(1, 0, ['x'])]);

    expect(payload.mock.calls).toEqual([
      ['x', expect.objectContaining({ name: 'job 1', attempt: 3 })],
    ]);
    expect(find.mock.calls).toEqual([[define(0), 'job 1']]);
    expect(voice.said).toEqual([['result', 1, 'a']]);
  });

  it('should take what isn’t a batch, too', () => {
    const desk = toDesk();
    desk.receive(define(0));
    desk.receive(enter(1));

    expect(voice.said).toEqual([['result', 1, 'a']]);
  });

  it('should run one after another, in the order of their coming', () => {
    toDesk().receive([define(0), define(1), enter(1, 1), enter(2, 0), enter(3, 1)]);

    expect(voice.said).toEqual([
      ['result', 1, 'b'],
      ['result', 2, 'a'],
      ['result', 3, 'b'],
    ]);
  });

  it('should begin none before the one before it is over, teardown included', async () => {
    let finish: () => void = () => undefined;
    payloads[1] = ({ onTeardown }: TaskContext) => {
      onTeardown(() => new Promise<void>((resolve) => (finish = resolve)));
    };
    toDesk().receive([define(0), define(1), enter(1, 1), enter(2)]);
    expect(course()).toEqual(['completed 1']);
    finish();
    await settled();

    expect(course()).toEqual(['completed 1', 'over 1', 'result 2']);
  });

  it('should begin as many at a time as may overlap', async () => {
    const ends: (() => void)[] = [];
    payloads[0] = () => new Promise<void>((resolve) => ends.push(resolve));
    toDesk(2).receive([define(0), enter(1), enter(2), enter(3)]);
    expect(ends).toHaveLength(2);
    ends[1]?.();
    await settled();

    expect(ends).toHaveLength(3);
    expect(course()).toEqual(['over 2']);
  });

  it('should pass over what was taken back, and leave it alone', () => {
    const desk = toDesk();
    const message = enter(1);
    expect(seats.take(1, 1)).toBe(true);
    desk.receive([define(0), message, enter(2)]);

    expect(course()).toEqual(['result 2']);
  });

  it('should not run twice what has come twice', () => {
    const message = enter(1);
    toDesk().receive([define(0), message, message]);

    expect(course()).toEqual(['result 1']);
  });

  it('should run very many that are over at once, without any stack', () => {
    const many = Array.from({ length: 1_000 }, (_, i) => enter(i + 1));
    const desk = toDesk();
    desk.receive(define(0));
    for (let round = 0; round < 20; round++) {
      desk.receive(many.map((_, i) => enter(i + 1)));
    }

    expect(voice.said).toHaveLength(20_000);
  });

  it('should hand on credit, and cancels', async () => {
    let pulled = 0;
    payloads[0] = function* () {
      for (;;) yield ++pulled;
    };
    const desk = toDesk();
    desk.receive([define(0, 2), enter(1)]);
    expect(pulled).toBe(2);
    desk.receive([[CREDIT, 1, 3]]);
    expect(pulled).toBe(5);
    desk.receive([cancel(1)]);
    await settled();

    expect(course().slice(-1)).toEqual(['over 1']);
  });

  it('should give as the reason of its signal what it was cancelled with', () => {
    let reason: unknown;
    payloads[0] = ({ signal }: TaskContext) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
          resolve(undefined);
        });
      });
    const desk = toDesk();
    desk.receive([define(0), enter(1)]);
    desk.receive([cancel(1)]);

    expect(reason).toEqual(STOP);
    expect(() => Object.assign(reason as object, STOP)).toThrow(TypeError);
  });

  it('should take no notice of what is about nobody any more', () => {
    const desk = toDesk();
    desk.receive([define(0), enter(1)]);
    desk.receive([cancel(1), [CREDIT, 1, 5], cancel(99), [CREDIT, 99, 1]]);

    expect(course()).toEqual(['result 1']);
    expect(desk.refuse(1, boom)).toBe(false);
    expect(desk.refuse(99, boom)).toBe(false);
  });

  it('should tell one that is open that a value of it was refused', () => {
    payloads[0] = () => new Promise(() => undefined);
    const desk = toDesk();
    desk.receive([define(0), enter(1)]);

    expect(desk.refuse(1, boom)).toBe(true);
    expect(voice.said).toEqual([
      ['failed', 1, expect.objectContaining({ code: 'ERR_RXVISOR_CLONE', cause: boom })],
    ]);
  });

  it('should leave when it’s told to', () => {
    toDesk().receive([CLOSE]);

    expect(leave).toHaveBeenCalledTimes(1);
  });

  it('should tell that it’s idle when the last one ends by itself, and not while it’s told something', async () => {
    const ends: (() => void)[] = [];
    payloads[0] = () => new Promise<void>((resolve) => ends.push(resolve));
    const desk = toDesk(2);
    expect(desk.isIdle).toBe(true);
    desk.receive([define(0), define(1), enter(1, 1)]);
    expect(idle).not.toHaveBeenCalled();
    desk.receive([enter(2), enter(3), enter(4, 1)]);
    expect(desk.isIdle).toBe(false);
    ends[0]?.();
    await settled();
    expect(idle).not.toHaveBeenCalled();
    expect(course()).toEqual(['result 1', 'over 2', 'result 4']);
    ends[1]?.();
    await settled();

    expect(idle).toHaveBeenCalledTimes(1);
    expect(desk.isIdle).toBe(true);
  });

  it('should not go on with what it knows nothing of', () => {
    expect(() => {
      toDesk().receive([enter(1, 5)]);
    }).toThrow(/target 5/);
  });

  describe('with a module that is to be loaded', () => {
    let load: (payload: AnyFunction) => void;
    let fail: (error: unknown) => void;

    beforeEach(() => {
      find.mockImplementationOnce(
        () =>
          new Promise<AnyFunction>((resolve, reject) => {
            load = resolve;
            fail = reject;
          }),
      );
    });

    it('should run it once it’s loaded, and the others after it', async () => {
      toDesk().receive([define(0), enter(1), enter(2)]);
      expect(voice.said).toEqual([]);
      load(() => 'loaded');
      await settled();

      expect(voice.said).toEqual([
        ['result', 1, 'loaded'],
        ['result', 2, 'a'],
      ]);
    });

    it('should tell that it does not load, and go on with the others', async () => {
      toDesk().receive([define(0), enter(1), enter(2)]);
      fail(boom);
      await settled();

      expect(voice.said).toEqual([
        ['failed', 1, boom],
        ['over', 1],
        ['result', 2, 'a'],
      ]);
    });

    it('should not run what is cancelled meanwhile', async () => {
      const payload = jest.fn();
      const desk = toDesk();
      desk.receive([define(0), enter(1), enter(2)]);
      desk.receive([cancel(1)]);
      expect(voice.said).toEqual([]);
      load(payload);
      await settled();

      expect(payload).not.toHaveBeenCalled();
      expect(course()).toEqual(['over 1', 'result 2']);
    });
  });
});
