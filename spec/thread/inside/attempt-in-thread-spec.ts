import { describe, expect, it, jest } from '@jest/globals';
import { NEVER, Observable, Subject, of } from 'rxjs';
import type { StopReason } from '../../../src/report.js';
import { AttemptInThread } from '../../../src/thread/inside/attempt-in-thread.js';
import type { Order } from '../../../src/thread/inside/voice.js';
import type { AnyFunction, TaskContext } from '../../../src/task/shapes.js';
import { FakeVoice, toOrder } from './order.js';

const STOP: StopReason = Object.freeze({ type: 'unsubscribe' });
const boom = new Error('boom');

/** Resolves when the microtasks that are queued now, and those that they queue, have run. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Runs a payload; what is said of it is in `voice.course`. */
function enter(payload: AnyFunction, order: Partial<Order> = {}) {
  const voice = new FakeVoice();
  const whenOver = jest.fn(() => void voice.said.push(['is over', 1]));
  const attempt = new AttemptInThread(toOrder(payload, order), voice, whenOver);
  attempt.enter();
  return { attempt, voice, whenOver };
}

/** The same to its end. */
async function run(payload: AnyFunction, order: Partial<Order> = {}) {
  const { voice } = enter(payload, order);
  await settled();
  return voice.course;
}

const values = (...each: unknown[]) => each.map((value) => ['value', value]);
const END = [['over'], ['is over']];

describe('AttemptInThread', () => {
  describe('a payload', () => {
    it('should be called with its arguments and its context', () => {
      const payload = jest.fn((..._args: unknown[]) => undefined);
      enter(payload, { args: ['a', 2] });

      expect(payload.mock.calls).toEqual([
        ['a', 2, expect.objectContaining({ name: 'web', attempt: 2 })],
      ]);
    });

    it.each<[string, () => unknown, readonly unknown[]]>([
      ['nothing', () => undefined, []],
      ['null', () => null, [null]],
      ['a number', () => 0, [0]],
      ['a string', () => 'ab', ['ab']],
      ['an array', () => [1, 2], [[1, 2]]],
      ['a promise', () => Promise.resolve('later'), ['later']],
      ['a promise of nothing', () => Promise.resolve(), []],
      ['an Observable', () => of(1, undefined, 2), [1, 2]],
      [
        'a generator',
        function* () {
          yield 1;
          yield undefined;
          yield 2;
        },
        [1, 2],
      ],
      [
        'an async generator',

        async function* () {
          yield 1;
          yield 2;
        },
        [1, 2],
      ],
    ])('should emit what it emits, then be over: %s', async (_what, payload, emitted) => {
      expect(await run(payload)).toEqual([...values(...emitted), ...END]);
    });

    it.each<[string, () => unknown]>([
      [
        'throws',
        () => {
          throw boom;
        },
      ],
      ['rejects', () => Promise.reject(boom)],
      ['errors', () => new Observable((subscriber) => subscriber.error(boom))],
      [
        'throws as it’s pulled',

        function* () {
          throw boom;
        },
      ],
      [
        'rejects as it’s pulled',

        async function* () {
          throw boom;
        },
      ],
    ])('should fail with what it fails with: it %s', async (_what, payload) => {
      expect(await run(payload)).toEqual([['failed', boom], ...END]);
    });

    it('should tell its values before its failure', async () => {
      const payload = () =>
        new Observable((subscriber) => {
          subscriber.next(1);
          subscriber.error(boom);
        });

      expect(await run(payload)).toEqual([...values(1), ['failed', boom], ...END]);
    });

    it('should be over once, whatever it still says', async () => {
      const { attempt, voice, whenOver } = enter(() => 'a');
      attempt.complete();
      attempt.error(boom);
      attempt.next('b');
      attempt.cancel(STOP);
      attempt.grant(1);
      await settled();

      expect(voice.course).toEqual([...values('a'), ...END]);
      expect(whenOver).toHaveBeenCalledTimes(1);
    });

    it('should tell that it’s ready', async () => {
      const course = await run((context: TaskContext) => {
        context.ready();
        return 'a';
      });

      expect(course).toEqual([['ready'], ...values('a'), ...END]);
    });
  });

  describe('the window', () => {
    it('should hold up what is pulled, until it has been consumed', () => {
      let pulled = 0;
      const { attempt, voice } = enter(
        function* () {
          while (pulled < 7) yield ++pulled;
        },
        { window: 3 },
      );
      expect([pulled, voice.course]).toEqual([3, values(1, 2, 3)]);
      attempt.grant(2);
      expect(pulled).toBe(5);
      attempt.grant(3);

      expect(voice.course).toEqual([...values(1, 2, 3, 4, 5, 6, 7), ...END]);
    });

    it('should hold up what is pulled asynchronously', async () => {
      let pulled = 0;
      const { attempt } = enter(
        async function* () {
          for (;;) yield ++pulled;
        },
        { window: 2 },
      );
      await settled();
      expect(pulled).toBe(2);
      attempt.grant(1);
      await settled();

      expect(pulled).toBe(3);
    });

    it('should fail what pushes too much, and unsubscribe it', async () => {
      const finalizer = jest.fn();
      const course = await run(
        () =>
          new Observable((subscriber) => {
            subscriber.add(finalizer);
            for (let value = 0; value < 9 && !subscriber.closed; value++) subscriber.next(value);
          }),
        { window: 2 },
      );

      expect(course).toEqual([
        ...values(0, 1),
        [
          'failed',
          expect.objectContaining({ code: 'ERR_RXVISOR_OVERFLOW', task: 'web', window: 2 }),
        ],
        ...END,
      ]);
      expect(finalizer).toHaveBeenCalledTimes(1);
    });

    it('should fail it though it has read its signal, which tells why', async () => {
      let reason: unknown;
      const source$ = new Subject<number>();
      const { voice } = enter(
        ({ signal }: TaskContext) => {
          signal.addEventListener('abort', () => {
            reason = signal.reason;
          });
          return source$;
        },
        { window: 1 },
      );
      source$.next(1);
      source$.next(2);
      await settled();

      expect(voice.course.at(-1)).toEqual(['is over']);
      expect(reason).toMatchObject({
        type: 'failure',
        cause: { code: 'ERR_RXVISOR_OVERFLOW' },
      });
      expect(source$.observed).toBe(false);
    });

    it('should send what it has kept before it ends', () => {
      const source$ = new Subject<number>();
      const { attempt, voice } = enter(() => source$, { window: 4, overflow: 'drop-oldest' });
      for (const value of [1, 2, 3, 4, 5]) source$.next(value);
      source$.complete();
      expect(voice.course).toEqual(values(1, 2));
      attempt.grant(2);

      expect(voice.course).toEqual([...values(1, 2, 4, 5), ...END]);
    });

    it('should send what it has kept before it fails', () => {
      const source$ = new Subject<number>();
      const { attempt, voice } = enter(() => source$, { window: 4, overflow: 'drop-oldest' });
      for (const value of [1, 2, 3]) source$.next(value);
      source$.error(boom);
      expect(voice.course).toEqual(values(1, 2));
      attempt.grant(1);

      expect(voice.course).toEqual([...values(1, 2, 3), ['failed', boom], ...END]);
    });
  });

  describe('its teardowns', () => {
    it('should run last in first out, be awaited, and come after its end', async () => {
      const course: string[] = [];
      const { voice } = enter(({ onTeardown }: TaskContext) => {
        onTeardown(() => void course.push('first'));
        onTeardown(async () => {
          await settled();
          course.push('second');
        });
        return 'a';
      });
      expect(voice.course).toEqual([...values('a'), ['completed']]);
      await settled();
      await settled();

      expect(course).toEqual(['second', 'first']);
      expect(voice.course.slice(2)).toEqual(END);
    });

    it('should run after a failure, too', async () => {
      const teardown = jest.fn();
      const course = await run(({ onTeardown }: TaskContext) => {
        onTeardown(teardown);
        throw boom;
      });

      expect(teardown).toHaveBeenCalledTimes(1);
      expect(course).toEqual([['failed', boom], ...END]);
    });

    it('should tell what fails in them, skipping none', async () => {
      const later = new Error('later');
      const course = await run(({ onTeardown }: TaskContext) => {
        onTeardown(() => {
          throw boom;
        });
        onTeardown(() => Promise.reject(later));
      });

      expect(course).toEqual([['completed'], ['over', later, boom], ['is over']]);
    });

    it('should run at once when they’re registered after the end', () => {
      let late: TaskContext['onTeardown'] | undefined;
      enter(({ onTeardown }: TaskContext) => {
        late = onTeardown;
      });
      const teardown = jest.fn();
      late?.(teardown);

      expect(teardown).toHaveBeenCalledTimes(1);
    });

    it('should be functions', async () => {
      const course = await run(({ onTeardown }: TaskContext) => {
        onTeardown('close it' as never);
      });

      expect(course).toEqual([
        ['failed', expect.objectContaining({ code: 'ERR_RXVISOR_INVALID_OPTION' })],
        ...END,
      ]);
    });
  });

  describe('cancelling', () => {
    it('should abort its signal with the reason, and await a promise', async () => {
      let end: (value: string) => void = () => undefined;
      let signal: AbortSignal | undefined;
      const { attempt, voice } = enter((context: TaskContext) => {
        ({ signal } = context);
        return new Promise((resolve) => (end = resolve));
      });
      attempt.cancel(STOP);
      expect([signal?.aborted, signal?.reason]).toEqual([true, STOP]);
      await settled();
      expect(voice.course).toEqual([]);
      end('a');
      await settled();

      expect(voice.course).toEqual([...values('a'), ...END]);
    });

    it('should unsubscribe an Observable, at once', () => {
      const finalizer = jest.fn();
      const { attempt, voice } = enter(
        () =>
          new Observable((subscriber) => {
            subscriber.add(finalizer);
          }),
      );
      attempt.cancel(STOP);

      expect(finalizer).toHaveBeenCalledTimes(1);
      expect(voice.course).toEqual(END);
    });

    it('should leave it to an Observable whose function has read its signal to complete', () => {
      const source$ = new Subject<string>();
      const { attempt, voice } = enter(({ signal }: TaskContext) => {
        signal.addEventListener('abort', () => {
          source$.next('the last one');
          source$.complete();
        });
        return source$;
      });
      attempt.cancel(STOP);

      expect(voice.course).toEqual([...values('the last one'), ...END]);
    });

    it('should return a generator that waits for its window, and end it with its finally', () => {
      const course: string[] = [];
      const { attempt, voice } = enter(
        function* () {
          try {
            for (;;) yield 'a';
          } finally {
            course.push('finally');
          }
        },
        { window: 2 },
      );
      attempt.cancel(STOP);

      expect(course).toEqual(['finally']);
      expect(voice.course).toEqual([...values('a', 'a'), ...END]);
    });

    it('should return an async generator that waits for its window, and await that', async () => {
      const course: string[] = [];
      const { attempt, voice } = enter(
        async function* () {
          try {
            for (;;) yield 'a';
          } finally {
            await settled();
            course.push('finally');
          }
        },
        { window: 1 },
      );
      await settled();
      attempt.cancel(STOP);
      expect(course).toEqual([]);
      await settled();
      await settled();

      expect(course).toEqual(['finally']);
      expect(voice.course).toEqual([...values('a'), ...END]);
    });

    it('should tell what it fails with, and why it was cancelled: that may be its ordinary end', async () => {
      for (const thrown of [STOP, boom]) {
        const { attempt, voice } = enter(
          ({ signal }: TaskContext) =>
            new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => {
                reject(thrown);
              });
            }),
        );
        attempt.cancel(STOP);
        await settled();

        expect(voice.course).toEqual([['failed', thrown, STOP], ...END]);
      }
    });

    it('should tell what fails as it is unsubscribed', () => {
      const { attempt, voice } = enter(
        () =>
          new Observable(() => () => {
            throw boom;
          }),
      );
      attempt.cancel(STOP);

      expect(voice.course).toEqual([
        ['failed', expect.objectContaining({ message: expect.stringContaining('boom') }), STOP],
        ...END,
      ]);
    });

    it('should run its teardowns, with the signal aborted', () => {
      const seen: unknown[] = [];
      const { attempt, voice } = enter(({ onTeardown, signal }: TaskContext) => {
        onTeardown(() => void seen.push(signal.aborted));
        return new Observable((subscriber) => {
          signal.addEventListener('abort', () => {
            subscriber.complete();
          });
        });
      });
      attempt.cancel(STOP);

      expect(seen).toEqual([true]);
      expect(voice.course).toEqual([['completed'], ...END]);
    });

    it('should keep the first reason, and do nothing the second time', () => {
      let reads: TaskContext | undefined;
      const { attempt, voice } = enter((context: TaskContext) => {
        reads = context;
        return new Promise(() => undefined);
      });
      attempt.cancel(STOP);
      attempt.cancel({ type: 'shutdown' });

      expect(reads?.signal.reason).toBe(STOP);
      expect(voice.course).toEqual([]);
    });

    it('should change nothing of one that is being torn down', async () => {
      let finish: () => void = () => undefined;
      const { attempt, voice } = enter(({ onTeardown }: TaskContext) => {
        onTeardown(() => new Promise<void>((resolve) => (finish = resolve)));
        return 'a';
      });
      attempt.cancel(STOP);
      expect(voice.course).toEqual([...values('a'), ['completed']]);
      finish();
      await settled();

      expect(voice.course.slice(2)).toEqual(END);
    });

    it('should reach one that is still being entered', () => {
      const voice = new FakeVoice();
      const attempt: AttemptInThread = new AttemptInThread(
        toOrder(() => {
          attempt.cancel(STOP);
          return NEVER;
        }),
        voice,
        () => void voice.said.push(['is over', 1]),
      );
      attempt.enter();

      expect(voice.course).toEqual(END);
    });
  });

  describe('a value that was refused', () => {
    it('should fail it, and leave its source', () => {
      const source$ = new Subject<unknown>();
      const { attempt, voice } = enter(() => source$);
      source$.next(() => 'a function');
      expect(attempt.refuse(boom)).toBe(true);

      expect(source$.observed).toBe(false);
      expect(voice.course.slice(1)).toEqual([
        [
          'failed',
          expect.objectContaining({ code: 'ERR_RXVISOR_CLONE', task: 'web', cause: boom }),
        ],
        ...END,
      ]);
    });

    it('should fail it once, and let it say nothing more', () => {
      const finalizing = new Promise<void>(() => undefined);
      const source$ = new Subject<unknown>();
      const { attempt, voice } = enter(({ onTeardown }: TaskContext) => {
        onTeardown(() => finalizing);
        return source$;
      });
      attempt.refuse(boom);
      attempt.refuse(boom);
      attempt.next('late');
      attempt.complete();

      expect(voice.course.map(([what]) => what)).toEqual(['failed']);
    });

    it('should give up what it has kept, and not end before its failure is told', () => {
      const source$ = new Subject<unknown>();
      const { attempt, voice } = enter(() => source$, { window: 2, overflow: 'drop-oldest' });
      source$.next(1);
      source$.next(2);
      source$.complete();
      attempt.refuse(boom);
      attempt.grant(2);

      expect(voice.course.map(([what]) => what)).toEqual(['value', 'failed', 'over', 'is over']);
    });

    it('should be too late when it is over', () => {
      const { attempt, voice } = enter(() => 'a');

      expect(attempt.refuse(boom)).toBe(false);
      expect(voice.course).toEqual([...values('a'), ...END]);
    });
  });

  it('should not have said anything by itself when it is over as it is being said', () => {
    const voice = new FakeVoice();
    const phases: boolean[] = [];
    const attempt: AttemptInThread = new AttemptInThread(
      toOrder(() => 'a'),
      voice,
      () => undefined,
    );
    voice.onSay = () => phases.push(attempt.refuse(boom));
    attempt.enter();

    expect(phases).toEqual([false]);
    expect(voice.course).toEqual([...values('a'), ['over']]);
  });
});
