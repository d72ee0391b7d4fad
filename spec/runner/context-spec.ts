import { describe, expect, it } from '@jest/globals';
import { NEVER, Observable, Subject, defer, timer } from 'rxjs';
import type { TaskContext } from '../../src/index.js';
import { VIRTUAL_FLAVOURS, later, ofTask, only, told, toldAt, virtually } from './support.js';

const BOOM = new Error('boom');

describe.each(VIRTUAL_FLAVOURS)('the context of an attempt, on $name', (flavourCase) => {
  it('should have the path of the task and the number of the attempt', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush }) => {
      const seen: unknown[] = [];
      runner.adopt(
        ({ name, attempt }) => {
          seen.push([name, attempt]);
          if (attempt < 3) throw BOOM;
        },
        { name: 'web/poller', flavour, restart: 'on-failure' },
      );
      run();
      flush();
      expect(seen).toEqual([
        ['web/poller', 1],
        ['web/poller', 2],
        ['web/poller', 3],
      ]);
    });
  });

  it('should keep its number when the next attempt has begun', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush }) => {
      const contexts: TaskContext[] = [];
      runner.adopt(
        (context) => {
          contexts.push(context);
          if (context.attempt < 2) throw BOOM;
        },
        { flavour, restart: 'on-failure' },
      );
      run();
      flush();
      expect(contexts.map(({ attempt }) => attempt)).toEqual([1, 2]);
    });
  });

  it('should make its members usable on their own', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      let members!: TaskContext;
      runner.adopt(
        ({ name, attempt, signal, ready, onTeardown, adopt, execute }) => {
          members = { name, attempt, signal, ready, onTeardown, adopt, execute };
          return NEVER;
        },
        { name: 'a', flavour },
      );
      run();
      at(1, () => {
        members.ready();
        members.adopt(NEVER, { name: 'b', flavour });
        members.execute(NEVER, { name: 'c', flavour }).subscribe({ error: () => undefined });
        members.onTeardown(() => undefined);
      });
      flush();
      expect(told(events.slice(2))).toEqual(['ready a 1', 'start a/b 1', 'start a/c 1']);
    });
  });

  describe('signal', () => {
    it('should be the same one whenever it is read, and another in each attempt', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush }) => {
        const signals: AbortSignal[] = [];
        runner.adopt(
          (context) => {
            signals.push(context.signal, context.signal);
            if (context.attempt < 2) throw BOOM;
          },
          { flavour, restart: 'on-failure' },
        );
        run();
        flush();
        expect(signals[0]).toBe(signals[1]);
        expect(signals[2]).toBe(signals[3]);
        expect(signals[0]).not.toBe(signals[2]);
      });
    });

    it('should be an aborted one from the start in a function that was stopped before it read it', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush }) => {
        let aborted: boolean | undefined;
        runner.adopt(
          (context) => {
            void runner.stop('a');
            ({ aborted } = context.signal);
          },
          { name: 'a', flavour },
        );
        run();
        flush();
        expect(aborted).toBe(true);
      });
    });

    it('should abort before an Observable is unsubscribed that was made by another reader', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
        const order: string[] = [];
        runner.adopt(
          (context) =>
            new Observable<never>((subscriber) => {
              context.signal.addEventListener('abort', () => {
                order.push('abort');
                subscriber.complete();
              });
              return () => order.push('finalized');
            }),
          { name: 'a', flavour },
        );
        run();
        at(1, () => void runner.stop('a'));
        flush();
        expect(order).toEqual(['abort', 'finalized']);
      });
    });
  });

  describe('ready', () => {
    it('should be told once per attempt', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
        runner.adopt(
          ({ ready, attempt }) => {
            ready();
            ready();
            return new Observable<never>((subscriber) => {
              at(attempt * 5, () => {
                ready();
                if (attempt < 2) subscriber.error(BOOM);
              });
            });
          },
          { name: 'a', flavour, restart: 'on-failure', backoff: () => 1 },
        );
        run();
        flush();
        expect(toldAt(ofTask(events, 'a'))).toEqual([
          '0 start a 1',
          '0 ready a 1',
          '5 crash a 1 restarting',
          '5 restart a 1 in 1 (crash)',
          '6 start a 2',
          '6 ready a 2',
        ]);
      });
    });

    it('should do nothing when the attempt is ending, or over', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
        let context!: TaskContext;
        runner.adopt(
          (given) => {
            context = given;
            given.onTeardown(() => later(10));
            return NEVER;
          },
          { name: 'a', flavour },
        );
        run();
        at(1, () => void runner.stop('a'));
        at(5, () => {
          context.ready();
        });
        flush();
        context.ready();
        expect(told(events).filter((line) => line.startsWith('ready'))).toEqual([]);
      });
    });

    it('should make the task ready: at once without awaitReady, on the call with it', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
        const payload = ({ ready }: TaskContext) => {
          at(5, ready);
          return NEVER;
        };
        runner.adopt(payload, { name: 'a', flavour });
        runner.adopt(payload, { name: 'b', flavour, awaitReady: true });
        const readiness = () => runner.tasks().map(({ ready }) => ready);
        expect(readiness()).toEqual([false, false]);
        run();
        at(1, () => {
          expect(readiness()).toEqual([true, false]);
        });
        at(6, () => {
          expect(readiness()).toEqual([true, true]);
        });
        flush();
      });
    });

    it('should say from when on an attempt was up: `resetAfter` counts from it under awaitReady', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        const delays = (name: string) =>
          ofTask(events, name).flatMap((event) => (event.type === 'restart' ? [event.delay] : []));
        const payload = ({ attempt, ready }: TaskContext) =>
          defer(() => {
            const source = new Subject<never>();
            timer(10).subscribe(ready);
            timer(110).subscribe(() => {
              if (attempt < 4) source.error(BOOM);
            });
            return source;
          });
        const restart = 'on-failure';
        const options = { flavour, restart, awaitReady: true } as const;
        runner.adopt(payload, { ...options, name: 'long enough', resetAfter: 100 });
        runner.adopt(payload, { ...options, name: 'too short', resetAfter: 101 });
        runner.adopt(payload, { flavour, restart, name: 'from start', resetAfter: 101 });
        run();
        flush();
        expect(delays('long enough')).toEqual([1_000, 1_000, 1_000]);
        expect(delays('too short')).toEqual([1_000, 2_000, 4_000]);
        expect(delays('from start')).toEqual([1_000, 1_000, 1_000]);
      });
    });

    it('should reset nothing under awaitReady when the payload was never ready', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        runner.adopt(
          ({ attempt }) =>
            new Observable<never>((subscriber) => {
              timer(5_000).subscribe(() => {
                if (attempt < 3) subscriber.error(BOOM);
              });
            }),
          { flavour, restart: 'on-failure', awaitReady: true, resetAfter: 1 },
        );
        run();
        flush();
        const delays = events.flatMap((event) => (event.type === 'restart' ? [event.delay] : []));
        expect(delays).toEqual([1_000, 2_000]);
      });
    });
  });

  it('should be usable in a crash: what was reached through it ends with the attempt', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
      runner.adopt(
        ({ adopt }) => {
          adopt(NEVER, { name: 'child', flavour });
          throw BOOM;
        },
        { name: 'a', flavour },
      );
      run();
      flush();
      expect(only(events, 'exit', 'a/child').outcome).toBe('stopped');
      expect(only(events, 'exit', 'a/child').seq).toBeLessThan(only(events, 'exit', 'a').seq);
    });
  });
});
