import { describe, expect, it } from '@jest/globals';
import { EMPTY, NEVER, Observable, throwError, timer } from 'rxjs';
import {
  Runner,
  type RunnerFailedError,
  RunnerStateError,
  type TaskContext,
} from '../../src/index.js';
import {
  VIRTUAL_FLAVOURS,
  later,
  observe,
  only,
  told,
  toldAt,
  turn,
  virtually,
} from './support.js';

const BOOM = new Error('boom');

describe.each(VIRTUAL_FLAVOURS)('run, on $name', (flavourCase) => {
  describe('the state of the runner', () => {
    it('should go from idle to running, stopping and stopped, and never back', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
        const states = [runner.state];
        runner.adopt(
          ({ onTeardown }) => {
            onTeardown(() => later(10));
            return NEVER;
          },
          { flavour },
        );
        states.push(runner.state);
        run();
        states.push(runner.state);
        at(5, () => {
          void runner.shutdown();
          states.push(runner.state);
        });
        at(10, () => states.push(runner.state));
        flush();
        void runner.shutdown();
        states.push(runner.state);
        expect(states).toEqual(['idle', 'idle', 'running', 'stopping', 'stopping', 'stopped']);
      });
    });

    it.each(['running', 'stopping', 'stopped'] as const)(
      'should make a second run() reject with RunnerStateError when it is %s',
      async (state) => {
        const second = virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
          let second: Promise<unknown> = Promise.resolve();
          runner.adopt(
            ({ onTeardown }) => {
              onTeardown(() => later(10));
              return NEVER;
            },
            { flavour },
          );
          run();
          at(5, () => {
            if (state !== 'running') void runner.shutdown();
          });
          at(state === 'stopped' ? 50 : 6, () => {
            expect(runner.state).toBe(state);
            second = runner.run().catch((error: unknown) => error);
          });
          flush();
          return second;
        });
        const error = await second;
        expect(error).toBeInstanceOf(RunnerStateError);
        expect(error).toMatchObject({ state, code: 'ERR_RXVISOR_RUNNER_STATE' });
      },
    );

    it.each(['stopping', 'stopped'] as const)(
      'should make adopt throw RunnerStateError at once when it is %s, and nothing happen (PITFALLS C4)',
      (state) => {
        virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
          let error: unknown;
          runner.adopt(
            ({ onTeardown }) => {
              onTeardown(() => later(10));
              return NEVER;
            },
            { name: 'a', flavour },
          );
          run();
          at(5, () => void runner.shutdown());
          at(state === 'stopped' ? 50 : 6, () => {
            try {
              runner.adopt(NEVER, { name: 'b', flavour });
            } catch (thrown) {
              error = thrown;
            }
          });
          flush();
          expect(error).toBeInstanceOf(RunnerStateError);
          expect(error).toMatchObject({ state });
          expect(told(events).join()).not.toContain(' b ');
        });
      },
    );
  });

  describe("until: 'idle'", () => {
    it('should resolve at once when there is nothing', async () => {
      const { ran, events } = virtually(flavourCase, (world) => {
        world.run({ until: 'idle' });
        return world;
      });
      expect(await ran()).toMatchObject({ reason: { type: 'idle' }, uptime: 0 });
      expect(toldAt(events)).toEqual(['0 up', '0 shutdown (idle)', '0 down']);
    });

    it('should resolve when the last task has ended, whatever its outcome', async () => {
      const { ran, events } = virtually(flavourCase, (world) => {
        const { runner, flavour, at } = world;
        runner.adopt(timer(5), { name: 'a', flavour }).subscribe();
        runner.adopt(NEVER, { name: 'b', flavour });
        runner
          .adopt(
            throwError(() => BOOM),
            { name: 'c', flavour, errors: 'deliver' },
          )
          .subscribe({ error: () => undefined });
        world.run({ until: 'idle' });
        at(9, () => void runner.stop('b'));
        world.flush();
        return world;
      });
      expect(toldAt(events).slice(-3)).toEqual([
        '9 exit b 1 stopped',
        '9 shutdown (idle)',
        '9 down',
      ]);
      expect(await ran()).toMatchObject({ counts: { completed: 1, stopped: 1, failed: 1 } });
    });

    it('should wait for tasks in backoff, and for executions', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        runner.adopt(({ attempt }) => (attempt < 2 ? throwError(() => BOOM) : EMPTY), {
          flavour,
          restart: 'on-failure',
        });
        runner.execute(timer(3_000), { flavour }).subscribe();
        run({ until: 'idle' });
        flush();
        expect(only(events, 'shutdown').at).toBe(3_000);
      });
    });

    it('should go on when an observer of the last exit adopts', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        runner.events$.subscribe((event) => {
          if (event.type === 'exit' && event.task === 'a') {
            runner.adopt(EMPTY, { name: 'b', flavour });
          }
        });
        runner.adopt(EMPTY, { name: 'a', flavour });
        run({ until: 'idle' });
        flush();
        expect(told(events)).toEqual([
          'up',
          'start a 1',
          'exit a 1 completed',
          'start b 1',
          'exit b 1 completed',
          'shutdown (idle)',
          'down',
        ]);
      });
    });

    it('should go on when a subscriber of the last task adopts at its completion', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        runner.adopt(EMPTY, { name: 'a', flavour }).subscribe({
          complete: () => runner.adopt(EMPTY, { name: 'b', flavour }),
        });
        run({ until: 'idle' });
        flush();
        expect(told(events)).toContain('exit b 1 completed');
      });
    });

    it('should go on when an observer of `up` adopts', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        runner.events$.subscribe(({ type }) => {
          if (type === 'up') runner.adopt(EMPTY, { name: 'a', flavour });
        });
        run({ until: 'idle' });
        flush();
        expect(told(events)).toContain('exit a 1 completed');
      });
    });

    it('should reject for the failure, not resolve as idle, when the last task fails', async () => {
      const { ran, events } = virtually(flavourCase, (world) => {
        world.runner.adopt(
          throwError(() => BOOM),
          { flavour: world.flavour },
        );
        world.run({ until: 'idle' });
        world.flush();
        return world;
      });
      expect(only(events, 'shutdown').reason).toEqual({ type: 'failure', cause: BOOM });
      expect(((await ran()) as RunnerFailedError).cause).toBe(BOOM);
    });
  });

  it('should keep running when all has ended, unless told otherwise', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
      runner.adopt(EMPTY, { name: 'a', flavour });
      run();
      flush();
      expect(runner.state).toBe('running');
      expect(told(events).at(-1)).toBe('exit a 1 completed');
    });
  });

  describe('an AbortSignal', () => {
    it('should stop it gracefully, its reason being the cause', async () => {
      const { ran, events } = virtually(flavourCase, (world) => {
        const { runner, flavour, at } = world;
        const controller = new AbortController();
        runner.adopt(
          ({ onTeardown }) => {
            onTeardown(() => later(10));
            return NEVER;
          },
          { name: 'a', flavour },
        );
        world.run({ signal: controller.signal });
        at(5, () => {
          controller.abort(BOOM);
        });
        world.flush();
        return world;
      });
      expect(toldAt(events).slice(2)).toEqual([
        '5 shutdown (abort)',
        '5 stopping a 1 (abort)',
        '15 exit a 1 stopped',
        '15 down',
      ]);
      const report = await ran();
      expect(report).toMatchObject({ reason: { type: 'abort' }, failures: [] });
      expect((report as { reason: { cause: unknown } }).reason.cause).toBe(BOOM);
    });

    it('should stop it at once, nothing started, when it had aborted before', async () => {
      const { ran, events } = virtually(flavourCase, (world) => {
        world.runner.adopt(NEVER, { name: 'a', flavour: world.flavour });
        world.run({ signal: AbortSignal.abort('too late') });
        world.flush();
        return world;
      });
      expect(told(events)).toEqual(['up', 'shutdown (abort)', 'exit a 0 stopped', 'down']);
      expect(await ran()).toMatchObject({ reason: { type: 'abort', cause: 'too late' } });
    });

    it('should not matter any more when the runner is stopping for another reason', () => {
      virtually(flavourCase, ({ runner, run, flush, events, at }) => {
        const controller = new AbortController();
        run({ signal: controller.signal });
        at(5, () => void runner.shutdown('first'));
        at(6, () => {
          controller.abort();
        });
        flush();
        expect(only(events, 'shutdown').reason).toEqual({ type: 'shutdown', message: 'first' });
      });
    });
  });

  describe('signals', () => {
    /** What a signal does, without one: the listener that the runner has just added is called. */
    const raise = (signal: NodeJS.Signals) => {
      const listener = process.listeners(signal).at(-1) as (signal: NodeJS.Signals) => void;
      listener(signal);
    };
    const slow = ({ onTeardown }: TaskContext) => {
      onTeardown(() => later(100));
      return NEVER;
    };

    it.each(['SIGTERM', 'SIGINT'] as const)('should stop it gracefully at %s', async (signal) => {
      const { ran, events } = virtually(flavourCase, (world) => {
        world.runner.adopt(slow, { name: 'a', flavour: world.flavour });
        world.run({ signals: true });
        world.at(5, () => {
          raise(signal);
        });
        world.flush();
        return world;
      });
      expect(toldAt(events).slice(2)).toEqual([
        '5 shutdown (signal)',
        '5 stopping a 1 (signal)',
        '105 exit a 1 stopped',
        '105 down',
      ]);
      expect(await ran()).toMatchObject({ reason: { type: 'signal', signal }, failures: [] });
    });

    it('should give up at once at a second one, as if shutdownTimeout had passed (PITFALLS C1, C2)', async () => {
      const { ran, events } = virtually(flavourCase, (world) => {
        world.runner.adopt(slow, { name: 'a', flavour: world.flavour });
        world.run({ signals: true });
        world.at(5, () => {
          raise('SIGTERM');
        });
        world.at(9, () => {
          raise('SIGINT');
        });
        world.flush();
        // No timer of a grace or of the shutdown is left: only the teardown's own.
        expect(world.now()).toBe(105);
        return world;
      });
      expect(toldAt(events).slice(2)).toEqual([
        '5 shutdown (signal)',
        '5 stopping a 1 (signal)',
        '9 overdue a 1 after 5000',
        '9 exit a 1 stopped',
        '9 down',
      ]);
      const { report } = (await ran()) as RunnerFailedError;
      expect(report.reason).toEqual({ type: 'signal', signal: 'SIGTERM' });
      expect(report.stragglers).toMatchObject([{ task: 'a' }]);
    });

    it('should not give up at the first one when the runner was stopping already', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
        runner.adopt(slow, { name: 'a', flavour });
        run({ signals: true });
        at(5, () => void runner.shutdown('first'));
        at(6, () => {
          raise('SIGTERM');
        });
        flush();
        expect(only(events, 'down')).toMatchObject({
          at: 105,
          report: { reason: { message: 'first' } },
        });
      });
    });
  });

  it('should report to both run() and shutdown(), once all has stopped', async () => {
    const { ran, shutdowns } = virtually(flavourCase, (world) => {
      const shutdowns: Promise<unknown>[] = [];
      world.run();
      world.at(5, () => shutdowns.push(world.runner.shutdown(), world.runner.shutdown()));
      world.flush();
      shutdowns.push(world.runner.shutdown());
      return { ...world, shutdowns };
    });
    const report = await ran();
    expect(report).toMatchObject({ reason: { type: 'shutdown' }, uptime: 5 });
    for (const other of await Promise.all(shutdowns)) expect(other).toBe(report);
  });

  describe('that fails', () => {
    const failing =
      (delay: number, error: unknown, teardown: () => unknown = () => undefined) =>
      () =>
        new Observable<never>((subscriber) => {
          subscriber.add(timer(delay).subscribe(() => subscriber.error(error)));
          subscriber.add(teardown);
        });

    it('should reject after everything has stopped, with the first failure as its cause', async () => {
      const { ran, events } = virtually(flavourCase, (world) => {
        const { runner, flavour } = world;
        runner.adopt(failing(5, BOOM), { name: 'a', flavour });
        runner.adopt(
          ({ onTeardown }) => {
            onTeardown(() => later(100));
            return NEVER;
          },
          { name: 'b', flavour },
        );
        world.run();
        world.flush();
        return world;
      });
      expect(toldAt(events).slice(-6)).toEqual([
        '5 crash a 1',
        '5 exit a 1 failed fatal',
        '5 shutdown (failure)',
        '5 stopping b 1 (failure)',
        '105 exit b 1 stopped',
        '105 down',
      ]);
      const failure = (await ran()) as RunnerFailedError;
      expect(failure).toMatchObject({
        name: 'RunnerFailedError',
        code: 'ERR_RXVISOR_RUNNER_FAILED',
        failures: [{ task: 'a', error: BOOM }],
        message: 'task "a" failed: Error: boom (see cause, failures and report)',
      });
      expect(failure.cause).toBe(BOOM);
      expect(failure.report).toBe(only(events, 'down').report);
      expect(failure.report.reason).toEqual({ type: 'failure', cause: BOOM });
    });

    it('should list every failure, in order, also those while stopping (PITFALLS D1)', async () => {
      const ran = virtually(flavourCase, (world) => {
        const { runner, flavour } = world;
        runner.adopt(failing(5, 'first'), { name: 'a', flavour });
        runner.adopt(failing(5, 'never: stopped before'), { name: 'z', flavour });
        runner.adopt(
          failing(99, '', () => {
            throw 'finalizer';
          }),
          { name: 'b', flavour },
        );
        runner.adopt(
          ({ onTeardown }) => {
            onTeardown(() =>
              later(10, () => {
                throw 'teardown';
              }),
            );
            return NEVER;
          },
          { name: 'c', flavour },
        );
        runner.adopt(({ signal }) => (signal.aborted ? EMPTY : NEVER), {
          name: 'd',
          flavour,
          grace: 20,
        });
        world.run();
        world.flush();
        return world.ran();
      });
      const { cause, failures, message } = (await ran) as RunnerFailedError;
      expect(cause).toBe('first');
      expect(failures).toMatchObject([
        { task: 'a', error: 'first' },
        { task: 'b', error: 'finalizer' },
        { task: 'c', error: 'teardown' },
        { task: 'd', error: { name: 'OverdueError' } },
      ]);
      expect(message).toContain('and 3 more');
    });

    it.each([[undefined], [null], ['text'], [0], [Object.create(null)]])(
      'should fail for %p, thrown, like for any error (PITFALLS A12, D6)',
      async (thrown) => {
        const { ran, events } = virtually(flavourCase, (world) => {
          world.runner.adopt(
            () => {
              throw thrown;
            },
            { name: 'a', flavour: world.flavour },
          );
          world.run();
          world.flush();
          return world;
        });
        const failure = (await ran()) as RunnerFailedError;
        expect(failure).toMatchObject({ name: 'RunnerFailedError' });
        expect(failure.cause).toBe(thrown);
        expect(failure).toHaveProperty('cause');
        expect(failure.failures).toHaveLength(1);
        expect(failure.failures[0]?.error).toBe(thrown);
        expect(only(events, 'crash')).toHaveProperty('error', thrown);
        expect(only(events, 'exit')).toHaveProperty('error', thrown);
        expect(only(events, 'exit').outcome).toBe('failed');
      },
    );

    it('should count an error that cannot even be looked at', async () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      const { ran, events } = virtually(flavourCase, (world) => {
        world.runner.adopt(
          throwError(() => proxy),
          { name: 'a', flavour: world.flavour, restart: 'on-failure', maxRestarts: 0 },
        );
        world.run();
        world.flush();
        return world;
      });
      expect(only(events, 'crash').error === proxy).toBe(true);
      expect(await ran()).toMatchObject({ name: 'RunnerFailedError' });
    });

    it('should tolerate what a source still errors with when it has ended (PITFALLS A7)', async () => {
      const ran = virtually(flavourCase, (world) => {
        const { runner, flavour } = world;
        const talkative = (end: 'error' | 'complete') =>
          new Observable<never>((subscriber) => {
            if (end === 'error') subscriber.error('first');
            else subscriber.complete();
            subscriber.error('second');
            throw 'third';
          });
        runner.adopt(talkative('complete'), { name: 'a', flavour });
        runner.adopt(talkative('error'), { name: 'b', flavour });
        world.run();
        world.flush();
        return world.ran();
      });
      const { failures, report } = (await ran) as RunnerFailedError;
      expect(failures).toEqual([{ task: 'b', error: 'first' }]);
      expect(report.tolerated).toEqual(
        ['a', 'a', 'b', 'b'].map((task, n) => ({ task, error: n % 2 ? 'third' : 'second' })),
      );
    });

    it('should count a failure once, however often it was seen', async () => {
      const ran = virtually(flavourCase, (world) => {
        const { runner, flavour } = world;
        runner.adopt(failing(5, BOOM), { name: 'a', flavour });
        runner.adopt(failing(7, BOOM), { name: 'b', flavour });
        world.run();
        world.flush();
        return world.ran();
      });
      expect(((await ran) as RunnerFailedError).failures).toEqual([{ task: 'a', error: BOOM }]);
    });
  });
});

describe('run', () => {
  it('should reject for options that it does not know, and have changed nothing', async () => {
    const runner = new Runner();
    const events = observe(runner);
    await expect(runner.run({ until: 'later' as 'idle' })).rejects.toMatchObject({
      code: 'ERR_RXVISOR_INVALID_OPTION',
      option: 'until',
      value: 'later',
    });
    expect(runner.state).toBe('idle');
    expect(events).toEqual([]);
    await runner.run({ until: 'idle' });
  });

  it('should be over at the end of `await using`', async () => {
    const order: string[] = [];
    {
      await using runner = new Runner();
      runner.events$.subscribe(({ type }) => order.push(type));
      runner.adopt(
        ({ onTeardown }) => {
          onTeardown(turn);
          return NEVER;
        },
        { name: 'a' },
      );
      void runner.run();
      await turn();
    }
    order.push('after');
    expect(order).toEqual(['up', 'start', 'shutdown', 'stopping', 'exit', 'down', 'after']);
  });
});
