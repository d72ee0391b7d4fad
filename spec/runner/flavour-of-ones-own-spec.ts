import { describe, expect, it } from '@jest/globals';
import { NEVER, Subscription, VirtualTimeScheduler, of, throwError } from 'rxjs';
import { type Entry, type Flavour, Runner, defineFlavour } from '../../src/index.js';
import { inTurn } from '../group/support.js';
import { makeDeaf, next, observe, ofTask, only, told, toldAt, turn } from './support.js';

const BOOM = new Error('boom');

/** The least that a flavour can be: no class of RxJS in it, so that it outlives them (PITFALLS A25). */
const least = (enter: (entry: Entry) => void): Flavour => ({
  name: 'least',
  scheduler: {
    now: () => Date.now(),
    schedule(work: (this: never, state?: never) => void, _delay?: number, state?: never) {
      const immediate = setImmediate(() => {
        work.call(undefined as never, state);
      });
      return new Subscription(() => {
        clearImmediate(immediate);
      });
    },
  },
  enter,
});

describe("a flavour of one's own", () => {
  it('should enter attempts its own way, and be told by its name', async () => {
    const runner = new Runner();
    const events = observe(runner);
    const flavour = least((entry) => {
      expect(entry.args).toEqual([1, 2]);
      expect(entry.context.name).toBe('a');
      entry.next('entered');
      entry.complete();
    });
    const heard: unknown[] = [];
    runner
      .adopt(() => 'never called', { name: 'a', flavour, args: [1, 2] as never })
      .subscribe((value) => heard.push(value));
    await runner.run({ until: 'idle' });
    expect(heard).toEqual(['entered']);
    expect(only(events, 'start').flavour).toBe('least');
  });

  it('should crash the attempt that it cannot enter, not the runner', async () => {
    await using runner = new Runner();
    const events = observe(runner);
    const flavour = least(() => {
      throw BOOM;
    });
    runner
      .adopt(NEVER, {
        name: 'a',
        flavour,
        restart: 'on-failure',
        maxRestarts: 1,
        backoff: () => 0,
        errors: 'deliver',
      })
      .subscribe({ error: () => undefined });
    await runner.run({ until: 'idle' });
    expect(told(ofTask(events, 'a')).filter((line) => line.startsWith('crash'))).toHaveLength(2);
    expect(events.flatMap((e) => (e.type === 'crash' ? [e.error] : []))).toEqual([BOOM, BOOM]);
  });

  it.each<[string, Entry['leave'], (entry: Entry) => void]>([
    [
      'is told to leave by a function, and completes',
      undefined,
      (entry) =>
        (entry.leave = () => {
          entry.complete();
        }),
    ],
    [
      'throws when told to leave',
      undefined,
      (entry) =>
        (entry.leave = () => {
          throw BOOM;
        }),
    ],
    [
      'waits, and completes',
      'wait',
      (entry) => {
        setTimeout(() => {
          entry.complete();
        }, 5);
      },
    ],
    ['is unsubscribed', 'unsubscribe', () => undefined],
    ['says nothing, and is unsubscribed', undefined, () => undefined],
  ])('should be stopped bounded when it %s', async (how, leave, enter) => {
    const runner = new Runner({ grace: 5_000 });
    const events = observe(runner);
    let finalized = 0;
    const flavour = least((entry) => {
      entry.leave = leave;
      entry.add(() => finalized++);
      enter(entry);
    });
    runner.adopt(NEVER, { name: 'a', flavour });
    const ran = runner.run().catch((error: unknown) => error);
    while (!events.some(({ type }) => type === 'start')) await turn();
    await runner.stop('a');
    await runner.shutdown();
    const throws = how.startsWith('throws');
    expect(only(events, 'exit')).toMatchObject({ outcome: 'stopped' });
    expect(finalized).toBe(1);
    if (throws) expect(await ran).toMatchObject({ cause: BOOM });
    else expect(await ran).toMatchObject({ failures: [] });
  });

  it('should not run a task that was stopped before its scheduler had its turn', async () => {
    await using runner = new Runner();
    const events = observe(runner);
    let entered = 0;
    const flavour = least(() => entered++);
    void runner.run();
    const task$ = runner.adopt(NEVER, { name: 'a', flavour });
    void task$.stop();
    for (let n = 0; n < 3; n++) await turn();
    expect(entered).toBe(0);
    expect(told(events)).toEqual(['up', 'exit a 0 stopped']);
  });

  it('should start nothing after `exit` when its scheduler cannot take work back', async () => {
    await using runner = new Runner();
    const events = observe(runner);
    const { scheduler, flush } = makeDeaf();
    void runner.run();
    const task$ = runner.adopt(NEVER, { name: 'a', flavour: defineFlavour('deaf', scheduler) });
    void task$.stop();
    flush();
    expect(told(events)).toEqual(['up', 'exit a 0 stopped']);
    expect(runner.tasks()).toEqual([]);
  });

  it('should start one attempt, not two, when a restart by hand comes before a timer that cannot be taken back', async () => {
    const runner = new Runner();
    const events = observe(runner);
    const { scheduler, flush } = makeDeaf();
    const crashed = next(runner, 'restart');
    const source$ = inTurn(
      throwError(() => BOOM),
      NEVER,
    );
    runner.adopt(source$, { name: 'a', scheduler, restart: 'on-failure' });
    void runner.run();
    await crashed;
    runner.restart('a');
    await turn();
    flush();
    await turn();
    await runner.shutdown();
    flush();
    expect(told(ofTask(events, 'a'))).toEqual([
      'start a 1',
      'crash a 1 restarting',
      'restart a 1 in 1000 (crash)',
      'start a 2',
      'stopping a 2 (shutdown)',
      'exit a 2 stopped',
    ]);
  });

  it('should run on a clock of its own, a VirtualTimeScheduler, with the runner on it too', async () => {
    const clock = new VirtualTimeScheduler();
    const runner = new Runner({ scheduler: clock });
    const events = observe(runner);
    const flavour = defineFlavour('virtual', clock);
    runner.adopt(({ attempt }) => (attempt < 3 ? throwError(() => BOOM) : of(undefined)), {
      name: 'a',
      flavour,
      restart: 'on-failure',
    });
    const ran = runner.run({ until: 'idle' });
    clock.flush();
    await ran;
    expect(toldAt(events)).toEqual([
      '0 up',
      '0 start a 1',
      '0 crash a 1 restarting',
      '0 restart a 1 in 1000 (crash)',
      '1000 start a 2',
      '1000 crash a 2 restarting',
      '1000 restart a 2 in 2000 (crash)',
      '3000 start a 3',
      '3000 exit a 3 completed',
      '3000 shutdown (idle)',
      '3000 down',
    ]);
  });

  it('should drop no other task of its batch when a payload throws (PITFALLS A15)', async () => {
    const runner = new Runner();
    const events = observe(runner);
    const options = { errors: 'deliver' } as const;
    for (let n = 0; n < 3; n++) {
      runner
        .adopt(() => {
          throw BOOM;
        }, options)
        .subscribe({ error: () => undefined });
      runner.adopt(() => undefined);
    }
    const report = await runner.run({ until: 'idle' });
    expect(report.counts).toEqual({ completed: 3, stopped: 0, failed: 3 });
    expect(events.filter(({ type }) => type === 'start')).toHaveLength(6);
  });
});
