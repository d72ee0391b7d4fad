import { stat } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  EMPTY,
  NEVER,
  Observable,
  Subject,
  VirtualTimeScheduler,
  asapScheduler,
  catchError,
  concat,
  defer,
  lastValueFrom,
  map,
  of,
  queueScheduler,
  take,
  throwError,
  timer,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { InvalidOptionError, RestartLimitError, StopRestarting } from '../../src/errors.js';
import { asap } from '../../src/schedulers/asap-scheduler.js';
import { constant, exponential } from '../../src/supervise/backoff.js';
import { supervise } from '../../src/supervise/supervise.js';
import { takeCharge } from '../../src/task/in-charge.js';
import type { SuperviseOptions } from '../../src/task/shapes.js';

describe('supervise', () => {
  let rxTest: TestScheduler;

  beforeEach(() => {
    rxTest = new TestScheduler((actual, expected) => {
      expect(actual).toEqual(expected);
    });
  });

  describe('as an operator', () => {
    it('should restart a crashed source after the backoff delay', () => {
      rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
        const source$ = cold('--#');
        // prettier-ignore
        const subs = [
          '                   ^-!',
          '                   ----^-!',
          '                   ----------^-!',
        ];
        const unsub = '       --------------!';
        const expected = '    ---------------';

        const result$ = source$.pipe(supervise({ backoff: exponential({ initial: 2 }) }));

        expectObservable(result$, unsub).toBe(expected);
        expectSubscriptions(source$.subscriptions).toBe(subs);
      });
    });

    it('should mirror a source that never ends', () => {
      rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
        const source$ = cold('-');
        const subs = '        ^----!';
        const unsub = '       -----!';
        const expected = '    ------';

        const result$ = source$.pipe(supervise({ restart: 'always' }));

        expectObservable(result$, unsub).toBe(expected);
        expectSubscriptions(source$.subscriptions).toBe(subs);
      });
    });

    it('should mirror an empty source', () => {
      rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
        const source$ = cold('|');
        const subs = '        (^!)';
        const expected = '    |';

        expectObservable(source$.pipe(supervise())).toBe(expected);
        expectSubscriptions(source$.subscriptions).toBe(subs);
      });
    });

    it('should mirror a source of one value', () => {
      rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
        const source$ = cold('--a|');
        const subs = '        ^--!';
        const expected = '    --a|';

        expectObservable(source$.pipe(supervise())).toBe(expected);
        expectSubscriptions(source$.subscriptions).toBe(subs);
      });
    });

    it('should mirror a source of many values', () => {
      rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
        const source$ = cold('a-(bc)-d--|');
        const subs = '        ^---------!';
        const expected = '    a-(bc)-d--|';

        expectObservable(source$.pipe(supervise())).toBe(expected);
        expectSubscriptions(source$.subscriptions).toBe(subs);
      });
    });

    it('should mirror the values of every attempt of an endless source', () => {
      rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
        const source$ = cold('-a-b#');
        // prettier-ignore
        const subs = [
          '                   ^---!',
          '                   ------^---!',
          '                   ------------^---!',
        ];
        const unsub = '       -----------------!';
        const expected = '    -a-b---a-b---a-b--';

        const result$ = source$.pipe(supervise({ backoff: constant(2) }));

        expectObservable(result$, unsub).toBe(expected);
        expectSubscriptions(source$.subscriptions).toBe(subs);
      });
    });

    it('should restart a source that crashes while it is being subscribed', () => {
      rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
        const source$ = cold('#');
        // prettier-ignore
        const subs = [
          '                   (^!)',
          '                   --(^!)',
          '                   ----(^!)',
        ];
        const unsub = '       -----!';
        const expected = '    ------';

        const result$ = source$.pipe(supervise({ backoff: constant(2) }));

        expectObservable(result$, unsub).toBe(expected);
        expectSubscriptions(source$.subscriptions).toBe(subs);
      });
    });

    it('should restart in the same frame when the delay is 0', () => {
      rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
        const source$ = cold('-#');
        // prettier-ignore
        const subs = [
          '                   ^!',
          '                   -^!',
          '                   --^!',
          '                   ---^!',
        ];
        const unsub = '       ----!';
        const expected = '    -----';

        const result$ = source$.pipe(supervise({ backoff: constant(0) }));

        expectObservable(result$, unsub).toBe(expected);
        expectSubscriptions(source$.subscriptions).toBe(subs);
      });
    });

    it('should unsubscribe the attempt when it is unsubscribed early', () => {
      rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
        const source$ = cold('-a-b-c-#');
        const subs = '        ^---!';
        const unsub = '       ----!';
        const expected = '    -a-b-';

        expectObservable(source$.pipe(supervise()), unsub).toBe(expected);
        expectSubscriptions(source$.subscriptions).toBe(subs);
      });
    });

    it('should start no other attempt when it is unsubscribed in backoff', () => {
      rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
        const source$ = cold('--#');
        const subs = '        ^-!';
        const unsub = '       -----!';
        const expected = '    ------';

        const result$ = source$.pipe(supervise({ backoff: constant(10) }));

        expectObservable(result$, unsub).toBe(expected);
        expectSubscriptions(source$.subscriptions).toBe(subs);
      });
    });

    it('should unsubscribe the attempt when an operator below has had enough', () => {
      rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
        const source$ = cold('-a-b-#');
        const subs = '        ^--!';
        const expected = '    -a-(b|)';

        expectObservable(source$.pipe(supervise(), take(2))).toBe(expected);
        expectSubscriptions(source$.subscriptions).toBe(subs);
      });
    });

    it('should keep its state per subscription', () => {
      rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
        const source$ = cold('--#');
        // prettier-ignore
        const subs = [
          '                   ^-!',
          '                   ---^-!',
          '                   ----^-!',
          '                   -------^-!', // the third of the first subscriber
          '                   -------^-!', // the second of the second
          '                   -----------^-!',
        ];
        const first = '       ^---------!';
        const second = '      ----^---------!';

        const result$ = source$.pipe(supervise({ backoff: exponential({ initial: 1 }) }));

        expectObservable(result$, first).toBe('');
        expectObservable(result$, second).toBe('');
        expectSubscriptions(source$.subscriptions).toBe(subs);
      });
    });

    it('should be of no effect before it is subscribed', () => {
      const subscribed = jest.fn();
      const backoff = jest.fn(() => 1);

      defer(subscribed as () => Observable<never>).pipe(supervise({ backoff }));

      expect(subscribed).not.toHaveBeenCalled();
      expect(backoff).not.toHaveBeenCalled();
    });

    it.each(['synchronously', 'later'])(
      'should have finalized an attempt that crashed %s before the next one (PITFALLS D9)',
      (when) => {
        const virtual = new VirtualTimeScheduler();
        const seen: string[] = [];
        let attempt = 0;
        const source$ = new Observable<never>((subscriber) => {
          const number = ++attempt;
          seen.push(`subscribe ${number}`);
          if (when === 'later') virtual.schedule(() => subscriber.error(number), 5);
          else subscriber.error(number);
          return () => seen.push(`finalize ${number}`);
        });

        source$
          .pipe(supervise({ backoff: constant(0), scheduler: virtual, maxRestarts: 2 }))
          .subscribe({ error: () => seen.push('error') });
        virtual.flush();

        expect(seen.filter((line) => line !== 'error')).toEqual([
          'subscribe 1',
          'finalize 1',
          'subscribe 2',
          'finalize 2',
          'subscribe 3',
          'finalize 3',
        ]);
        expect(seen).toContain('error');
      },
    );

    it.each(['synchronously', 'later'])(
      'should have finalized an attempt that completed %s before the next one',
      (when) => {
        const virtual = new VirtualTimeScheduler();
        const seen: string[] = [];
        let attempt = 0;
        const source$ = new Observable<never>((subscriber) => {
          const number = ++attempt;
          seen.push(`subscribe ${number}`);
          if (when === 'later') virtual.schedule(() => subscriber.complete(), 5);
          else subscriber.complete();
          return () => seen.push(`finalize ${number}`);
        });

        source$
          .pipe(
            supervise({
              restart: 'always',
              backoff: constant(0),
              scheduler: virtual,
              maxRestarts: 1,
            }),
          )
          .subscribe({ error: () => undefined });
        virtual.flush();

        expect(seen).toEqual(['subscribe 1', 'finalize 1', 'subscribe 2', 'finalize 2']);
      },
    );
  });

  describe('restart', () => {
    it("should restart a completed source under 'always'", () => {
      rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
        const source$ = cold('-a|');
        // prettier-ignore
        const subs = [
          '                   ^-!',
          '                   ---^-!',
          '                   -------^-!',
        ];
        const unsub = '       ----------!';
        const expected = '    -a--a---a--';

        const result$ = source$.pipe(
          supervise({ restart: 'always', backoff: exponential({ initial: 1 }) }),
        );

        expectObservable(result$, unsub).toBe(expected);
        expectSubscriptions(source$.subscriptions).toBe(subs);
      });
    });

    it("should count crashes and completions together under 'always'", () => {
      const { starts } = attempts({ restart: 'always', backoff: (n) => n * 10 }, [
        { after: 1, ends: 'crash' },
        { after: 1, ends: 'complete' },
        { after: 1, ends: 'crash' },
      ]);

      expect(starts).toEqual([0, 11, 32, 63]);
    });

    it("should end with a completion under 'on-failure', also after crashes", () => {
      rxTest.run(({ cold, expectObservable }) => {
        const outcomes = [cold('-a#'), cold('-b#'), cold('-c|')];
        const expected = '    -a--b--c|';
        let attempt = 0;
        const source$ = defer(() => outcomes[attempt++] ?? NEVER);

        expectObservable(source$.pipe(supervise({ backoff: constant(1) }))).toBe(expected);
      });
    });

    it("should fail at the first crash under 'never'", () => {
      rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
        const source$ = cold('-a-#');
        const subs = '        ^--!';
        const expected = '    -a-#';

        expectObservable(source$.pipe(supervise({ restart: 'never' }))).toBe(expected);
        expectSubscriptions(source$.subscriptions).toBe(subs);
      });
    });

    it("should complete with its source under 'never'", () => {
      rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
        const source$ = cold('-a-|');
        const subs = '        ^--!';
        const expected = '    -a-|';

        expectObservable(source$.pipe(supervise({ restart: 'never' }))).toBe(expected);
        expectSubscriptions(source$.subscriptions).toBe(subs);
      });
    });

    it.each([
      ['an Error', new Error('boom')],
      ['an object', { code: 7 }],
      ['a string', 'boom'],
      ['null', null],
      ['undefined', undefined],
      ['false', false],
    ])('should fail with the very same error: %s (PITFALLS A12)', (_title, error) => {
      const { failure } = attempts({ restart: 'never' }, [{ after: 1, ends: 'crash', error }]);

      expect(failure).toBeDefined();
      expect(failure?.error).toBe(error);
    });

    it('should take a thrown undefined for a crash, never for an end (PITFALLS A12)', () => {
      const { starts } = attempts({ backoff: constant(5) }, [
        { after: 1, ends: 'crash', error: undefined },
      ]);

      expect(starts).toEqual([0, 6]);
    });

    it('should take a cancel-looking error that nobody asked for for a crash (PITFALLS D5)', () => {
      const error = new DOMException('aborted', 'AbortError');

      const { starts } = attempts({ backoff: constant(5) }, [{ after: 1, ends: 'crash', error }]);

      expect(starts).toEqual([0, 6]);
    });

    it('should take an error whose members cannot be read for a crash like any other', () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();

      const restarted = attempts({ backoff: constant(5) }, [
        { after: 1, ends: 'crash', error: proxy },
      ]);
      const failed = attempts({ restart: 'never' }, [{ after: 1, ends: 'crash', error: proxy }]);

      expect(restarted.starts).toEqual([0, 6]);
      expect(failed.failure?.error === proxy).toBe(true);
    });

    it('should take a source whose subscribe function throws for a crash like any other (PITFALLS B16)', () => {
      rxTest.run(({ expectObservable }) => {
        let attempt = 0;
        const source$ = new Observable<string>((subscriber) => {
          if (++attempt < 3) throw new Error('no start');
          subscriber.next('a');
          subscriber.complete();
        });

        expectObservable(source$.pipe(supervise({ backoff: constant(2) }))).toBe('----(a|)');
      });
    });
  });

  describe('backoff', () => {
    it('should wait 1, 2, 4, 8, 16, 30, 30 s by default: neither at once nor at full speed (PITFALLS B3, B4)', () => {
      const crashes = Array.from({ length: 8 }, () => ({ after: 0, ends: 'crash' }) as const);

      expect(gaps(attempts({}, crashes).starts)).toEqual([
        1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
      ]);
    });

    it('should be asked with 1, 2, 3…', () => {
      const backoff = jest.fn((n: number) => n);

      attempts({ backoff }, crashes(3));

      expect(backoff.mock.calls).toEqual([[1], [2], [3]]);
    });

    it.each([
      ['a negative delay', -5, 0],
      ['negative infinity', -Infinity, 2 ** 31 - 1],
      ['NaN', NaN, 2 ** 31 - 1],
      ['Infinity', Infinity, 2 ** 31 - 1],
      ['more than a timer can wait', 2 ** 31, 2 ** 31 - 1],
      ['the longest that a timer can wait', 2 ** 31 - 1, 2 ** 31 - 1],
      ['undefined', undefined as unknown as number, 2 ** 31 - 1],
      ['a string', '5' as unknown as number, 2 ** 31 - 1],
    ])('should clamp %s (PITFALLS B11)', (_title, delay, expected) => {
      expect(attempts({ backoff: () => delay }, crashes(1)).starts).toEqual([0, expected]);
    });

    it('should fail with what backoff throws', () => {
      rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
        const error = new Error('no delay');
        const source$ = cold('--#');
        const subs = '        ^-!';
        const expected = '    --#';

        const backoff = () => {
          throw error;
        };

        expectObservable(source$.pipe(supervise({ backoff }))).toBe(expected, undefined, error);
        expectSubscriptions(source$.subscriptions).toBe(subs);
      });
    });

    it("should fail with what backoff throws after a completion under 'always'", () => {
      const error = new Error('no delay');
      const backoff = () => {
        throw error;
      };

      const { failure, starts } = attempts({ restart: 'always', backoff }, [
        { after: 1, ends: 'complete' },
      ]);

      expect(failure?.error).toBe(error);
      expect(starts).toEqual([0]);
    });

    it.each([
      ['random', exponential({ jitter: 'full', random: fail })],
      ['a jitter function', exponential({ jitter: fail })],
    ])('should fail with what %s throws', (_title, backoff) => {
      expect(attempts({ backoff }, crashes(1)).failure?.error).toBe(FAILURE);
    });
  });

  describe('resetAfter', () => {
    it('should count from 1 again after an attempt that was up exactly that long (PITFALLS B1)', () => {
      const { starts } = attempts({ backoff: exponential({ initial: 10 }), resetAfter: 100 }, [
        { after: 0, ends: 'crash' },
        { after: 0, ends: 'crash' },
        { after: 100, ends: 'crash' },
        { after: 0, ends: 'crash' },
      ]);

      expect(starts).toEqual([0, 10, 30, 30 + 100 + 10, 140 + 20]);
    });

    it('should count on after an attempt that was up 1 ms less (PITFALLS B20: it is an option)', () => {
      const { starts } = attempts({ backoff: exponential({ initial: 10 }), resetAfter: 100 }, [
        { after: 0, ends: 'crash' },
        { after: 0, ends: 'crash' },
        { after: 99, ends: 'crash' },
      ]);

      expect(starts).toEqual([0, 10, 30, 30 + 99 + 40]);
    });

    it('should be 60 s by default', () => {
      const backoff = jest.fn(() => 1);

      attempts({ backoff }, [
        { after: 0, ends: 'crash' },
        { after: 59_999, ends: 'crash' },
        { after: 60_000, ends: 'crash' },
      ]);

      expect(backoff.mock.calls).toEqual([[1], [2], [1]]);
    });

    it('should judge by the uptime of the attempt, not by the time in backoff', () => {
      const { starts } = attempts({ backoff: exponential({ initial: 100 }), resetAfter: 50 }, [
        { after: 49, ends: 'crash' },
        { after: 49, ends: 'crash' },
      ]);

      expect(starts).toEqual([0, 149, 149 + 49 + 200]);
    });

    it('should judge an attempt that completes as one that crashes', () => {
      const backoff = jest.fn(() => 1);

      attempts({ restart: 'always', backoff, resetAfter: 100 }, [
        { after: 1, ends: 'complete' },
        { after: 100, ends: 'complete' },
        { after: 99, ends: 'complete' },
      ]);

      expect(backoff.mock.calls).toEqual([[1], [1], [2]]);
    });

    it('should reset the budget too (PITFALLS B7)', () => {
      const { starts, failure } = attempts(
        { backoff: constant(0), resetAfter: 100, maxRestarts: 1, within: 1_000_000 },
        [
          { after: 0, ends: 'crash' },
          { after: 100, ends: 'crash' },
          { after: 100, ends: 'crash' },
        ],
      );

      expect(starts).toEqual([0, 0, 100, 200]);
      expect(failure).toBeUndefined();
    });

    it('should not be reset by values, however many (PITFALLS A5)', () => {
      rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
        const source$ = cold('(abc)#');
        // prettier-ignore
        const subs = [
          '                   ^----!',
          '                   ------^----!',
          '                   -------------^----!',
        ];
        const unsub = '       -------------------!';
        const expected = '    (abc)-(abc)--(abc)--';

        const result$ = source$.pipe(
          supervise({ backoff: exponential({ initial: 1 }), resetAfter: 6 }),
        );

        expectObservable(result$, unsub).toBe(expected);
        expectSubscriptions(source$.subscriptions).toBe(subs);
      });
    });

    it('should not be counted below zero when the clock goes back (PITFALLS A19)', () => {
      const scheduler = new WallClock();
      const backoff = jest.fn(() => 1);
      let attempt = 0;
      const source$ = defer(() => {
        if (++attempt > 3) return NEVER;
        scheduler.skew -= 1_000_000;
        return timer(5, scheduler).pipe(map(fail));
      });

      // An uptime of 0 is enough here, one of less isn't.
      source$.pipe(supervise({ scheduler, backoff, resetAfter: 0 })).subscribe();
      scheduler.flush();

      expect(attempt).toBe(4);
      expect(backoff.mock.calls).toEqual([[1], [1], [1]]);
    });
  });

  describe('maxRestarts and within', () => {
    it('should fail with RestartLimitError when one more is asked for', () => {
      const {
        starts,
        failure,
        crashes: thrown,
      } = attempts(
        { name: 'tick', backoff: constant(10), maxRestarts: 2, within: 1_000 },
        crashes(3),
      );

      expect(starts).toEqual([0, 10, 20]);
      expect(failure?.error).toBeInstanceOf(RestartLimitError);
      expect(failure?.error).toMatchObject({
        task: 'tick',
        restarts: 2,
        code: 'ERR_RXVISOR_RESTART_LIMIT',
      });
      expect((failure?.error as Error).cause).toBe(thrown[2]);
      expect((failure?.error as Error).message).toContain('"tick"');
      expect((failure?.error as Error).message).toContain('maxRestarts');
    });

    it('should give up with an error, never with a silent completion (PITFALLS A6)', () => {
      rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
        const source$ = cold('--#');
        // prettier-ignore
        const subs = [
          '                   ^-!',
          '                   ---^-!',
        ];
        const expected = '    -----#';

        const result$ = source$.pipe(
          supervise({ backoff: constant(1), maxRestarts: 1 }),
          catchError((error: unknown) => {
            throw (error as Error).name;
          }),
        );

        expectObservable(result$).toBe(expected, undefined, 'RestartLimitError');
        expectSubscriptions(source$.subscriptions).toBe(subs);
      });
    });

    it('should grant no restart with 0', () => {
      const { starts, failure } = attempts({ maxRestarts: 0 }, crashes(1));

      expect(starts).toEqual([0]);
      expect(failure?.error).toBeInstanceOf(RestartLimitError);
      expect(failure?.error).toMatchObject({ task: 'supervised', restarts: 0 });
    });

    it('should grant any number by default', () => {
      expect(attempts({ backoff: constant(0) }, crashes(1_000)).starts).toHaveLength(1_001);
    });

    it('should still count a restart that is exactly `within` ago (PITFALLS B9)', () => {
      const { failure } = attempts({ backoff: constant(100), maxRestarts: 1, within: 100 }, [
        { after: 0, ends: 'crash' },
        { after: 0, ends: 'crash' },
      ]);

      expect(failure?.error).toBeInstanceOf(RestartLimitError);
    });

    it('should forget a restart that is 1 ms older than `within` (PITFALLS B7)', () => {
      const { starts, failure } = attempts(
        { backoff: constant(101), maxRestarts: 1, within: 100 },
        crashes(3),
      );

      expect(failure).toBeUndefined();
      expect(starts).toEqual([0, 101, 202, 303]);
    });

    it('should slide the window, not restart it', () => {
      // Restarts decided at 0, 60, 120: never three in 100, though five in 300.
      const steady = attempts({ backoff: constant(60), maxRestarts: 2, within: 100 }, crashes(5));
      expect(steady.failure).toBeUndefined();

      // Decided at 90, 110 and 120: three within 100, though on two sides of 100.
      const { starts, failure } = attempts({ backoff: constant(10), maxRestarts: 2, within: 100 }, [
        { after: 90, ends: 'crash' },
        { after: 10, ends: 'crash' },
        { after: 0, ends: 'crash' },
      ]);
      expect(starts).toEqual([0, 100, 120]);
      expect(failure?.error).toBeInstanceOf(RestartLimitError);
    });

    it('should count completions under always too, with no cause when nothing crashed (PITFALLS B10)', () => {
      const { failure } = attempts({ restart: 'always', backoff: constant(1), maxRestarts: 1 }, [
        { after: 1, ends: 'complete' },
        { after: 1, ends: 'complete' },
      ]);

      expect(failure?.error).toBeInstanceOf(RestartLimitError);
      expect(failure?.error).not.toHaveProperty('cause');
    });

    it('should name the last error as the cause, also after completions', () => {
      const error = new Error('once');
      const { failure } = attempts({ restart: 'always', backoff: constant(1), maxRestarts: 1 }, [
        { after: 1, ends: 'crash', error },
        { after: 1, ends: 'complete' },
      ]);

      expect((failure?.error as Error).cause).toBe(error);
    });

    it('should have a cause of undefined when undefined was thrown (PITFALLS A12)', () => {
      const { failure } = attempts({ maxRestarts: 0 }, [
        { after: 1, ends: 'crash', error: undefined },
      ]);

      expect(failure?.error).toHaveProperty('cause', undefined);
    });

    it('should never share a budget between subscriptions (PITFALLS B12)', () => {
      const virtual = new VirtualTimeScheduler();
      const failures: unknown[] = [];
      let started = 0;
      const result$ = defer(() => {
        started++;
        return throwError(() => 'boom');
      }).pipe(supervise({ scheduler: virtual, backoff: constant(1), maxRestarts: 2 }));

      for (let i = 0; i < 3; i++) result$.subscribe({ error: (error) => failures.push(error) });
      virtual.flush();

      expect(started).toBe(9);
      expect(failures).toHaveLength(3);
    });

    it('should multiply when it is nested (PITFALLS B15, I37)', () => {
      const virtual = new VirtualTimeScheduler();
      let started = 0;
      let failure: unknown;

      defer(() => {
        started++;
        return throwError(() => 'boom');
      })
        .pipe(
          supervise({ scheduler: virtual, backoff: constant(1), maxRestarts: 2 }),
          supervise({ scheduler: virtual, backoff: constant(1), maxRestarts: 3 }),
        )
        .subscribe({ error: (error: unknown) => (failure = error) });
      virtual.flush();

      expect(started).toBe(3 * 4);
      expect(failure).toBeInstanceOf(RestartLimitError);
      expect((failure as Error).cause).toBeInstanceOf(RestartLimitError);
      expect(((failure as Error).cause as Error).cause).toBe('boom');
    });
  });

  describe('StopRestarting', () => {
    it('should fail for good, with its cause', () => {
      const cause = new Error('bad configuration');
      const { starts, failure } = attempts({ restart: 'always' }, [
        { after: 1, ends: 'crash', error: new StopRestarting(cause) },
      ]);

      expect(starts).toEqual([0]);
      expect(failure?.error).toBe(cause);
    });

    it('should fail with itself when it has no cause', () => {
      const error = new StopRestarting();
      const { starts, failure } = attempts({}, [{ after: 1, ends: 'crash', error }]);

      expect(starts).toEqual([0]);
      expect(failure?.error).toBe(error);
    });

    it('should fail with a cause of undefined when that was given (PITFALLS A12)', () => {
      const { failure } = attempts({}, [
        { after: 1, ends: 'crash', error: new StopRestarting(undefined) },
      ]);

      expect(failure).toEqual({ error: undefined });
    });

    it('should be known by its code, when it comes from another copy of the package', () => {
      const foreign = Object.assign(new Error('stop'), { code: 'ERR_RXVISOR_STOP_RESTARTING' });
      const { failure } = attempts({}, [{ after: 1, ends: 'crash', error: foreign }]);

      expect(failure?.error).toBe(foreign);
    });
  });

  describe('scheduler', () => {
    it('should time delays and uptimes by the scheduler that it is given', () => {
      const virtual = new VirtualTimeScheduler();
      const starts: number[] = [];

      defer(() => {
        starts.push(virtual.now());
        return timer(10, virtual).pipe(map(fail));
      })
        .pipe(supervise({ scheduler: virtual, backoff: constant(5), maxRestarts: 2 }))
        .subscribe({ error: () => undefined });

      expect(starts).toEqual([0]);
      virtual.flush();
      expect(starts).toEqual([0, 15, 30]);
    });

    it('should never restart in the stack of the crash, also where the scheduler would (PITFALLS A4, A27)', async () => {
      let depth = 0;
      let started = 0;
      const source$ = new Observable<never>((subscriber) => {
        expect(++depth).toBe(1);
        started++;
        if (started <= 20_000) subscriber.error(started);
        else subscriber.complete();
        depth--;
      });

      const done = lastValueFrom(
        source$.pipe(supervise({ backoff: constant(0), scheduler: queueScheduler })),
        { defaultValue: 'completed' },
      );

      expect(started).toBe(1);
      await expect(done).resolves.toBe('completed');
      expect(started).toBe(20_001);
    }, 60_000);

    it('should fail with what the scheduler throws', () => {
      const scheduler = {
        now: () => 0,
        schedule: () => {
          throw FAILURE;
        },
      };
      const errors: unknown[] = [];

      throwError(() => 'boom')
        .pipe(supervise({ scheduler }))
        .subscribe({ error: (error) => errors.push(error) });

      expect(errors).toEqual([FAILURE]);
    });

    it('should work on asapScheduler', async () => {
      const result$ = crashing(100).pipe(
        supervise({ backoff: constant(0), scheduler: asapScheduler }),
      );

      await expect(lastValueFrom(result$)).resolves.toBe(101);
    });

    it('should leave no timer when it is unsubscribed in backoff (PITFALLS C12)', () => {
      jest.useFakeTimers();
      try {
        const subscription = throwError(() => 'boom')
          .pipe(supervise())
          .subscribe();

        expect(jest.getTimerCount()).toBe(1);
        subscription.unsubscribe();
        expect(jest.getTimerCount()).toBe(0);
      } finally {
        jest.useRealTimers();
      }
    });

    it('should hold no timer while an attempt runs', () => {
      jest.useFakeTimers();
      try {
        const subscription = NEVER.pipe(supervise({ resetAfter: 10, maxRestarts: 1 })).subscribe();

        expect(jest.getTimerCount()).toBe(0);
        subscription.unsubscribe();
      } finally {
        jest.useRealTimers();
      }
    });
  });

  describe('a crash storm at delay 0', () => {
    const storm = { backoff: constant(0) };

    it('should neither overflow the stack nor take minutes (PITFALLS A4, A23)', async () => {
      const began = performance.now();

      await expect(lastValueFrom(crashing(100_000).pipe(supervise(storm)))).resolves.toBe(100_001);

      // A timer for each restart takes about two minutes, and the source gives up before that.
      expect(performance.now() - began).toBeLessThan(30_000);
    }, 120_000);

    it('should let timers and I/O have their turn (PITFALLS A17)', async () => {
      const turns = { timer: 0, io: 0 };
      let crashesByThen = 0;
      const { source$, isOver } = crashingUntil(() => turns.timer >= 3 && turns.io >= 3);

      const again = () => {
        turns.timer++;
        crashesByThen = isOver.crashes;
        handle = setTimeout(again, 1);
      };
      let handle = setTimeout(again, 1);
      const look = () => {
        stat('.', () => {
          turns.io++;
          if (!isOver.done) look();
        });
      };
      look();
      await lastValueFrom(source$.pipe(supervise(storm)), { defaultValue: undefined });
      clearTimeout(handle);

      expect(isOver.tooLate).toBe(false);
      expect(crashesByThen).toBeGreaterThan(0);
    }, 60_000);

    it('should serve a stop between two restarts (PITFALLS B2)', async () => {
      const { source$, isOver } = crashingUntil(() => false);
      const subscription = source$.pipe(supervise(storm)).subscribe();

      await new Promise((resolve) => setTimeout(resolve, 1));
      subscription.unsubscribe();
      const { crashes } = isOver;
      await new Promise((resolve) => setTimeout(resolve, 20));

      expect(isOver.tooLate).toBe(false);
      expect(crashes).toBeGreaterThan(0);
      expect(isOver.crashes).toBe(crashes);
    }, 60_000);

    it('should serve a stop that the crash itself brings about', async () => {
      const stop = new Subject<void>();
      let started = 0;
      const subscription = defer(() => {
        if (++started === 3) stop.next();
        return throwError(() => 'boom');
      })
        .pipe(supervise(storm))
        .subscribe();

      await new Promise<void>((resolve) => {
        stop.subscribe(() => {
          subscription.unsubscribe();
          resolve();
        });
      });
      // Whatever had been queued by then has run when this has.
      for (let i = 0; i < 3; i++) await new Promise((resolve) => asap.schedule(resolve));

      expect(started).toBe(3);
    });

    it('should restart completions as fast', async () => {
      let started = 0;
      const source$ = defer(() => (++started < 20_000 ? of(started) : concat(of(started), NEVER)));

      const result$ = source$.pipe(supervise({ restart: 'always', ...storm }), take(20_000));

      await expect(lastValueFrom(result$)).resolves.toBe(20_000);
    }, 60_000);

    it('should fail in the same frame of virtual time', () => {
      rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
        const source$ = cold('#');
        const result$ = source$.pipe(
          supervise({ ...storm, maxRestarts: 3 }),
          catchError((error: unknown) => of((error as RestartLimitError).restarts)),
        );

        expectObservable(result$).toBe('(a|)', { a: 3 });
        expectSubscriptions(source$.subscriptions).toBe(['(^!)', '(^!)', '(^!)', '(^!)']);
      });
    });
  });

  describe('under an attempt of a runner', () => {
    const options: SuperviseOptions = { name: 'uplink', maxRestarts: 3 };

    afterEach(() => {
      takeCharge(undefined);
    });

    it('should be left to whoever is in charge when it is subscribed', () => {
      const source$ = of('a');
      const seen: unknown[] = [];
      const superviseThere = jest.fn((): unknown => of('b'));
      const result$ = source$.pipe(supervise(options));
      expect(superviseThere).not.toHaveBeenCalled();

      takeCharge({ supervise: superviseThere as never });
      result$.subscribe((value) => seen.push(value));

      expect(seen).toEqual(['b']);
      expect(superviseThere.mock.calls).toEqual([[source$, options]]);
    });

    it('should work alone when nobody was in charge, though somebody was when it was piped', () => {
      const superviseThere = jest.fn((): unknown => NEVER);
      takeCharge({ supervise: superviseThere as never });
      const result$ = of('a').pipe(supervise(options));
      takeCharge(undefined);
      const seen: unknown[] = [];

      result$.subscribe((value) => seen.push(value));

      expect(seen).toEqual(['a']);
      expect(superviseThere).not.toHaveBeenCalled();
    });
  });

  describe('options', () => {
    it.each([
      ['an unknown key', { retries: 3 }, 'retries'],
      ['an option of adopt (PITFALLS B13)', { errors: 'deliver' }, 'errors'],
      ['a key of Object.prototype', { toString: 3 }, 'toString'],
      ['an unknown policy', { restart: 'sometimes' }, 'restart'],
      ['a backoff that is a number', { backoff: 1_000 }, 'backoff'],
      ['a negative resetAfter', { resetAfter: -1 }, 'resetAfter'],
      ['an infinite resetAfter', { resetAfter: Infinity }, 'resetAfter'],
      ['a resetAfter that is NaN', { resetAfter: NaN }, 'resetAfter'],
      ['a resetAfter that is a string', { resetAfter: '60_000' }, 'resetAfter'],
      ['a negative maxRestarts', { maxRestarts: -1 }, 'maxRestarts'],
      ['a fractional maxRestarts', { maxRestarts: 1.5 }, 'maxRestarts'],
      ['a maxRestarts that is NaN', { maxRestarts: NaN }, 'maxRestarts'],
      ['a maxRestarts that is a string', { maxRestarts: '3' }, 'maxRestarts'],
      ['a negative within', { within: -1 }, 'within'],
      ['an infinite within', { within: Infinity }, 'within'],
      ['a scheduler that is none', { scheduler: 'async' }, 'scheduler'],
      ['an empty name', { name: '' }, 'name'],
      ['null', null, 'options'],
      ['a function', () => 1, 'options'],
      ['an array', [], 'options'],
    ])('should refuse %s at once', (_title, options, option) => {
      const act = () => supervise(options as SuperviseOptions);

      expect(act).toThrow(InvalidOptionError);
      expect(act).toThrow(expect.objectContaining({ option }));
      expect(act).toThrow(`option "${option}" is `);
    });

    it.each([
      ['none', undefined],
      ['an empty object', {}],
      ['undefined values', { restart: undefined, backoff: undefined, scheduler: undefined }],
      ['the boundaries', { resetAfter: 0, maxRestarts: 0, within: 0 }],
      ['no limit', { maxRestarts: Infinity }],
    ])('should accept %s', (_title, options) => {
      expect(() => supervise(options as SuperviseOptions)).not.toThrow();
    });

    it('should take undefined for absent', () => {
      const options = { restart: undefined, backoff: undefined, resetAfter: undefined };

      const { starts } = attempts(options as unknown as SuperviseOptions, crashes(2));

      expect(starts).toEqual([0, 1_000, 3_000]);
    });
  });
});

/** Virtual time whose clock can be put back, as a wall clock can. */
class WallClock extends VirtualTimeScheduler {
  skew = 0;
  override now = () => this.frame + this.skew;
}

const FAILURE = new Error('a callback threw');

function fail(): never {
  throw FAILURE;
}

interface Attempt {
  readonly after: number;
  readonly ends: 'crash' | 'complete';
  readonly error?: unknown;
}

/** As many attempts that crash at once, each with an error of its own. */
function crashes(count: number): Attempt[] {
  return Array.from({ length: count }, () => ({ after: 0, ends: 'crash' }));
}

/** Supervises these attempts in virtual time; one more than told never ends. */
function attempts(options: SuperviseOptions, told: readonly Attempt[]) {
  const scheduler = new VirtualTimeScheduler();
  const starts: number[] = [];
  const errors: unknown[] = [];
  let failure: { error: unknown } | undefined;
  const source$ = defer(() => {
    const attempt = told[starts.length];
    starts.push(scheduler.now());
    if (!attempt) return NEVER;
    return new Observable<never>((subscriber) => {
      const end = () => {
        if (attempt.ends === 'complete') {
          subscriber.complete();
          return;
        }
        const error = 'error' in attempt ? attempt.error : new Error(`crash ${starts.length}`);
        errors.push(error);
        subscriber.error(error);
      };
      if (attempt.after === 0) end();
      else subscriber.add(scheduler.schedule(end, attempt.after));
    });
  });
  source$.pipe(supervise({ scheduler, ...options })).subscribe({
    error: (error: unknown) => (failure = { error }),
  });
  scheduler.flush();
  return { starts, failure, crashes: errors };
}

const gaps = (times: readonly number[]) => times.slice(1).map((at, i) => at - (times[i] ?? 0));

/** Crashes so many times, synchronously, or until it's too late, then emits the number of the attempt. */
function crashing(times: number): Observable<number> {
  const deadline = performance.now() + 30_000;
  let attempt = 0;
  return defer(() =>
    ++attempt <= times && performance.now() < deadline ? throwError(() => attempt) : of(attempt),
  );
}

/** Crashes synchronously until told otherwise, or until it's too late: a starved test must end. */
function crashingUntil(done: () => boolean) {
  const deadline = performance.now() + 20_000;
  const isOver = { crashes: 0, tooLate: false, done: false };
  const source$ = defer(() => {
    isOver.tooLate = performance.now() > deadline;
    isOver.done = isOver.tooLate || done();
    if (isOver.done) return EMPTY;
    isOver.crashes++;
    return throwError(() => FAILURE);
  });
  return { source$, isOver };
}
