import { describe, expect, it } from '@jest/globals';
import {
  EMPTY,
  NEVER,
  type Subject,
  Subscriber,
  type Subscription,
  VirtualTimeScheduler,
  takeUntil,
  throwError,
  timer,
} from 'rxjs';
import {
  type LifecycleEvent,
  Runner,
  RunnerStateError,
  type TaskContext,
  defineFlavour,
  eachValueFrom,
} from '../../src/index.js';
import {
  HUNG,
  VIRTUAL_FLAVOURS,
  later,
  next,
  observe,
  ofTask,
  only,
  surfacing,
  tell,
  told,
  toldAt,
  turn,
  virtually,
} from './support.js';

const BOOM = new Error('boom');

/** A bit of everything: each type of event at least once. */
function everything({
  runner,
  flavour,
  run,
  flush,
  at,
}: Parameters<Parameters<typeof virtually>[1]>[0]) {
  const payload = ({ attempt, ready }: TaskContext) => {
    ready();
    return attempt < 3 ? throwError(() => BOOM) : EMPTY;
  };
  runner.adopt(payload, { name: 'a', flavour, restart: 'on-failure', backoff: () => 10 });
  runner.adopt(
    ({ onTeardown }) => {
      onTeardown(() => HUNG);
      return NEVER;
    },
    { name: 'b', flavour, grace: 3 },
  );
  runner.execute(NEVER, { name: 'c', flavour }).subscribe({ error: () => undefined });
  run();
  at(50, () => void runner.shutdown('enough'));
  flush();
}

const COMMON = ['seq', 'at', 'type'];
const OF_TASK = [...COMMON, 'task', 'id', 'flavour', 'attempt', 'origin'];
const FIELDS: Readonly<Partial<Record<LifecycleEvent['type'], readonly string[]>>> = {
  up: COMMON,
  start: OF_TASK,
  ready: OF_TASK,
  crash: [...OF_TASK, 'error', 'uptime', 'restarting'],
  stopping: [...OF_TASK, 'reason'],
  overdue: [...OF_TASK, 'grace'],
  restart: [...OF_TASK, 'delay', 'cause'],
  exit: [...OF_TASK, 'outcome', 'fatal'],
  shutdown: [...COMMON, 'reason'],
  down: [...COMMON, 'report'],
};

describe.each(VIRTUAL_FLAVOURS)('events$, on $name', (flavourCase) => {
  it('should tell everything, in order, at its time', () => {
    const events = virtually(flavourCase, (world) => {
      everything(world);
      return world.events;
    });
    expect(toldAt(events)).toEqual([
      '0 up',
      '0 start a 1',
      '0 ready a 1',
      '0 crash a 1 restarting',
      '0 restart a 1 in 10 (crash)',
      '0 start b 1',
      '0 start c 1',
      '10 start a 2',
      '10 ready a 2',
      '10 crash a 2 restarting',
      '10 restart a 2 in 10 (crash)',
      '20 start a 3',
      '20 ready a 3',
      '20 exit a 3 completed',
      '50 shutdown (shutdown)',
      '50 stopping b 1 (shutdown)',
      '50 stopping c 1 (shutdown)',
      '50 exit c 1 stopped',
      '53 overdue b 1 after 3',
      '53 exit b 1 stopped',
      '53 down',
    ]);
  });

  it('should have the fields of its type, and no others', () => {
    const events = virtually(flavourCase, (world) => {
      everything(world);
      return world.events;
    });
    for (const event of events) {
      const fields = Object.keys(event).filter((key) => key !== 'error');
      const expected = FIELDS[event.type]?.filter((key) => key !== 'error') ?? [];
      expect([event.type, fields.sort()]).toEqual([event.type, [...expected].sort()]);
    }
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(Object.keys(FIELDS)));
  });

  it('should be frozen plain objects, with frozen reports, and reasons that nobody can change', () => {
    const events = virtually(flavourCase, (world) => {
      everything(world);
      return world.events;
    });
    for (const event of events) {
      expect(Object.isFrozen(event)).toBe(true);
      expect(Object.getPrototypeOf(event)).toBe(Object.prototype);
      if ('reason' in event)
        expect(() => Object.assign(event.reason, event.reason)).toThrow(TypeError);
    }
    const { report } = only(events, 'down');
    for (const part of [report, report.failures, report.tolerated, report.stragglers]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    expect(Object.isFrozen(report.counts) && Object.isFrozen(report.failures[0])).toBe(true);
    expect(Object.isFrozen(report.stragglers[0])).toBe(true);
  });

  it('should survive structuredClone', () => {
    const events = virtually(flavourCase, (world) => {
      everything(world);
      return world.events;
    });
    // Errors lose their class and their code on the way, as errors do.
    const plain = (event: LifecycleEvent) =>
      JSON.stringify(event, (key, value: unknown) => (key === 'error' ? 'an error' : value));
    for (const event of events) {
      expect(plain(structuredClone(event))).toEqual(plain(event));
    }
  });

  it('should number events 1, 2, 3… and never go back in time', () => {
    const events = virtually(flavourCase, (world) => {
      everything(world);
      return world.events;
    });
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    const times = events.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('should tell each life apart by its id', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      runner.adopt(EMPTY, { name: 'a', flavour });
      run();
      at(5, () => runner.adopt(EMPTY, { name: 'a', flavour }));
      flush();
      expect(ofTask(events, 'a').map(({ id, type }) => [id, type])).toEqual([
        [1, 'start'],
        [1, 'exit'],
        [2, 'start'],
        [2, 'exit'],
      ]);
    });
  });

  it('should name the flavour', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
      runner.adopt(EMPTY, { name: 'a', flavour });
      run();
      flush();
      expect(only(events, 'start').flavour).toBe(flavour.name);
    });
  });

  it('should complete after `down`, never error, and end a late subscription at once', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
      const log: string[] = [];
      const observer = {
        next: (event: LifecycleEvent) => log.push(event.type),
        error: () => log.push('error'),
        complete: () => log.push('complete'),
      };
      runner.events$.subscribe(observer);
      runner.adopt(
        throwError(() => BOOM),
        { flavour },
      );
      at(5, run);
      flush();
      runner.events$.subscribe(observer);
      expect(log).toEqual([
        'up',
        'start',
        'crash',
        'exit',
        'shutdown',
        'down',
        'complete',
        'complete',
      ]);
    });
  });

  it('should be hot: who comes later sees what comes later, with its numbers', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
      let late: LifecycleEvent[] = [];
      runner.adopt(NEVER, { name: 'a', flavour });
      run();
      at(5, () => {
        late = observe(runner);
        void runner.stop('a');
      });
      flush();
      expect(late.map((event) => `${event.seq} ${tell(event)}`)).toEqual([
        '3 stopping a 1 (stop)',
        '4 exit a 1 stopped',
      ]);
    });
  });

  it('should count what nobody sees, too', () => {
    virtually(flavourCase, ({ flavour, flush, at }) => {
      const runner = new Runner();
      let late: LifecycleEvent[] = [];
      runner.adopt(EMPTY, { name: 'a', flavour });
      void runner.run();
      at(5, () => {
        late = observe(runner);
        void runner.shutdown();
      });
      flush();
      expect(late.map((event) => `${event.seq} ${tell(event)}`)).toEqual([
        '4 shutdown (shutdown)',
        '5 down',
      ]);
    });
  });

  it('should look the same to nobody, to one and to many, whatever they do (PITFALLS D11)', () => {
    const program = (spoil: (runner: Runner) => void) =>
      virtually(flavourCase, (world) => {
        spoil(world.runner);
        everything(world);
        return toldAt(world.events);
      });
    const alone = program(() => undefined);
    expect(program((runner) => observe(runner))).toEqual(alone);
    expect(
      program((runner) => {
        const subscription = runner.events$.subscribe(() => {
          subscription.unsubscribe();
        });
      }),
    ).toEqual(alone);
  });

  describe('while one is being delivered (PITFALLS A10)', () => {
    it.each<[string, (runner: Runner) => void]>([
      ['stops a task', (runner) => void runner.stop('b')],
      ['shuts down', (runner) => void runner.shutdown()],
      ['restarts a task', (runner) => runner.restart('b')],
      ['adopts', (runner) => void runner.adopt(EMPTY, { name: `c${runner.tasks().length}` })],
    ])('should queue what an observer causes that %s: all see the same order', (_what, act) => {
      virtually(flavourCase, ({ runner, flavour, run, flush }) => {
        const before = observe(runner);
        let acted = false;
        runner.events$.subscribe((event) => {
          if (acted || event.type !== 'crash') return;
          acted = true;
          act(runner);
        });
        const after = observe(runner);
        runner.adopt(NEVER, { name: 'b', flavour });
        runner
          .adopt(
            throwError(() => BOOM),
            { name: 'a', flavour, errors: 'deliver' },
          )
          .subscribe({ error: () => undefined });
        run();
        flush();
        expect(acted).toBe(true);
        expect(after).toEqual(before);
        expect(before.map(({ seq }) => seq)).toEqual(before.map((_, index) => index + 1));
      });
    });

    it('should hold for observers that cause events at every event', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush }) => {
        const first = observe(runner);
        let n = 0;
        runner.events$.subscribe(() => {
          if (++n < 30)
            runner
              .execute(EMPTY, { name: `e${n}` })
              .subscribe()
              .unsubscribe();
        });
        const last = observe(runner);
        runner.adopt(NEVER, { name: 'a', flavour });
        run();
        flush();
        expect(last).toEqual(first);
        expect(first.map(({ seq }) => seq)).toEqual(first.map((_, index) => index + 1));
        expect(first.length).toBeGreaterThan(30);
      });
    });

    it('should begin for a new observer with the next event, and end at once for one that leaves', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush }) => {
        const seen: string[] = [];
        const watch = (name: string) =>
          runner.events$.subscribe(({ seq }) => seen.push(`${name} ${seq}`));
        const leaving: Subscription[] = [];
        runner.events$.subscribe(({ seq }) => {
          if (seq === 2) watch('new');
          if (seq === 3) leaving[0]?.unsubscribe();
        });
        leaving.push(watch('leaving'));
        runner.adopt(EMPTY, { flavour });
        run({ until: 'idle' });
        flush();
        expect(seen).toEqual(['leaving 1', 'leaving 2', 'new 3', 'new 4', 'new 5']);
      });
    });

    it('should let an observer see the state that its event tells of', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush }) => {
        const states: string[] = [];
        runner.events$.subscribe(({ type }) => states.push(`${type}: ${runner.state}`));
        runner.adopt(EMPTY, { flavour });
        run({ until: 'idle' });
        flush();
        expect(states).toEqual([
          'up: running',
          'start: running',
          'exit: running',
          'shutdown: stopping',
          'down: stopped',
        ]);
      });
    });
  });

  describe('nobody outside', () => {
    it('should be able to emit, error or complete', () => {
      virtually(flavourCase, ({ runner, run, flush, events }) => {
        run();
        flush();
        let reached: unknown = runner.events$;
        const seen = new Set<unknown>();
        while (typeof reached === 'object' && reached !== null && !seen.has(reached)) {
          seen.add(reached);
          const { next, error, complete } = reached as Partial<Subject<unknown>>;
          expect([next, error, complete]).toEqual([undefined, undefined, undefined]);
          reached = (reached as { source?: unknown }).source;
        }
        expect(told(events)).toEqual(['up']);
      });
    });

    it('should be able to change what the others see of an event', () => {
      virtually(flavourCase, ({ runner, flavour, flush }) => {
        runner.events$.subscribe((event) => {
          expect(() => Object.assign(event, { type: 'fake' })).toThrow(TypeError);
        });
        const events = observe(runner);
        runner.adopt(EMPTY, { name: 'a', flavour });
        void runner.run({ until: 'idle' });
        flush();
        expect(events.map(({ type }) => type)).not.toContain('fake');
        expect(events).toHaveLength(5);
      });
    });
  });

  it('should tell a crash when it happens, not when its teardown or its siblings are done (PITFALLS D3)', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      runner.adopt(
        ({ onTeardown }) => {
          onTeardown(() => later(1_000));
          return throwError(() => BOOM);
        },
        { name: 'a', flavour },
      );
      run();
      at(1, () => {
        expect(tell(events.at(-1)!)).toBe('crash a 1');
      });
      flush();
      expect(toldAt(ofTask(events, 'a'))).toEqual([
        '0 start a 1',
        '0 crash a 1',
        '1000 exit a 1 failed fatal',
      ]);
    });
  });

  it('should tell every exit before `down`, and run() settle after that (PITFALLS A1, A2, C5)', async () => {
    const { order, ran } = virtually(flavourCase, ({ runner, flavour, run, flush, ran }) => {
      const order: string[] = [];
      runner.events$.subscribe({
        next: ({ type }) => order.push(type),
        complete: () => order.push('complete'),
      });
      for (let n = 0; n < 3; n++) {
        runner.adopt(
          ({ onTeardown }) => {
            onTeardown(() => later(10 + n));
            return NEVER;
          },
          { flavour },
        );
      }
      runner.adopt(
        throwError(() => BOOM),
        { flavour },
      );
      run();
      flush();
      return { order, ran: ran().then(() => order.push('settled')) };
    });
    await ran;
    expect(order.slice(order.indexOf('shutdown'))).toEqual([
      'shutdown',
      'stopping',
      'stopping',
      'stopping',
      'exit',
      'exit',
      'exit',
      'down',
      'complete',
      'settled',
    ]);
  });

  it('should tell `start` when the flavour runs the attempt, not at adoption (PITFALLS A14)', () => {
    virtually(flavourCase, ({ runner, run, flush, events, clock }) => {
      const slow = defineFlavour('slow', {
        now: () => clock.now(),
        schedule: (work: never, delay = 0, state?: never) =>
          clock.schedule(work, delay + 40, state),
      });
      runner.adopt(EMPTY, { name: 'a', flavour: slow });
      run();
      flush();
      expect(toldAt(events)).toEqual(['0 up', '40 start a 1', '40 exit a 1 completed']);
    });
  });
});

describe('events$', () => {
  it('should go on for the others, and for the runner, when an observer throws (PITFALLS A9)', async () => {
    const runner = new Runner();
    const events: LifecycleEvent[] = [];
    const errors = await surfacing(async () => {
      runner.events$.subscribe(({ type }) => {
        if (type === 'start' || type === 'exit' || type === 'down') throw new Error(type);
      });
      runner.events$.subscribe((event) => events.push(event));
      runner.adopt(EMPTY, { name: 'a' });
      await runner.run({ until: 'idle' });
    });
    expect(errors).toEqual(['start', 'exit', 'down'].map((type) => new Error(type)));
    expect(told(events)).toEqual([
      'up',
      'start a 1',
      'exit a 1 completed',
      'shutdown (idle)',
      'down',
    ]);
  });

  it('should go on, too, when a throwing observer is one that RxJS does not fence', async () => {
    class Bare extends Subscriber<LifecycleEvent> {
      override next({ type }: LifecycleEvent) {
        throw new Error(type);
      }
      override complete() {
        throw new Error('complete');
      }
    }
    const runner = new Runner();
    const events: LifecycleEvent[] = [];
    const errors = await surfacing(async () => {
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- anybody can hand in one
      runner.events$.subscribe(new Bare());
      runner.events$.subscribe((event) => events.push(event));
      await runner.run({ until: 'idle' });
    });
    expect(errors).toEqual(['up', 'shutdown', 'down', 'complete'].map((type) => new Error(type)));
    expect(told(events)).toEqual(['up', 'shutdown (idle)', 'down']);
  });

  it('should surface what an observer does too late: adopting at `down`', async () => {
    const runner = new Runner();
    const errors = await surfacing(async () => {
      runner.events$.subscribe(({ type }) => {
        if (type === 'down') runner.adopt(EMPTY);
      });
      await runner.run({ until: 'idle' });
    });
    expect(errors).toEqual([expect.any(RunnerStateError)]);
  });

  it('should never go back in time when the clock of the runner does (PITFALLS A19)', async () => {
    let now = 1_000;
    const clock = new VirtualTimeScheduler();
    clock.now = () => now;
    const runner = new Runner({ scheduler: clock });
    const events = observe(runner);
    runner.adopt(
      ({ attempt }) => {
        now -= 300;
        return attempt < 3 ? throwError(() => BOOM) : EMPTY;
      },
      { name: 'a', restart: 'on-failure', backoff: () => 0 },
    );
    const ran = runner.run({ until: 'idle' });
    const exit = next(runner, 'exit');
    for (let n = 0; n < 5; n++) {
      await turn();
      clock.flush();
    }
    await exit;
    await ran;
    expect(events.map(({ at }) => at)).toEqual(Array(events.length).fill(1_000));
    for (const event of events) {
      if (event.type === 'crash') expect(event.uptime).toBe(0);
    }
    expect(only(events, 'down').report.uptime).toBe(0);
  });

  it('should be looped over with eachValueFrom, a loop that takeUntil ends (PITFALLS A20)', async () => {
    const runner = new Runner();
    runner.adopt(
      async () => {
        await turn();
      },
      { name: 'a' },
    );
    const all: string[] = [];
    const loop = (async () => {
      for await (const event of eachValueFrom(runner.events$)) {
        all.push(tell(event));
        await Promise.resolve();
      }
    })();
    const some: string[] = [];
    const until = (async () => {
      const events$ = runner.events$.pipe(takeUntil(timer(5)));
      for await (const event of eachValueFrom(events$)) some.push(tell(event));
    })();
    await runner.run({ until: 'idle' });
    await loop;
    await until;
    expect(all).toEqual(['up', 'start a 1', 'exit a 1 completed', 'shutdown (idle)', 'down']);
    expect(some).toEqual(all.slice(0, some.length));
  });

  it('should complete for everybody only when everybody has seen `down`', async () => {
    const runner = new Runner();
    const log: string[] = [];
    const watch = (name: string) => {
      runner.events$.subscribe({
        next: ({ type }) => log.push(`${name} ${type}`),
        complete: () => log.push(`${name} complete`),
      });
    };
    runner.events$.subscribe(({ type }) => {
      if (type === 'up') void runner.shutdown();
    });
    watch('a');
    watch('b');
    await runner.run();
    expect(log).toEqual([
      'a up',
      'b up',
      'a shutdown',
      'b shutdown',
      'a down',
      'b down',
      'a complete',
      'b complete',
    ]);
  });

  it('should keep no event for who comes later (PITFALLS A11)', async () => {
    const runner = new Runner();
    for (let n = 0; n < 10; n++) runner.adopt(EMPTY);
    const ran = runner.run();
    await turn();
    expect(observe(runner)).toEqual([]);
    await runner.shutdown();
    await ran;
  });
});
