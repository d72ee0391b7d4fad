import { describe, expect, it } from '@jest/globals';
import { NEVER, Subject, VirtualTimeScheduler, interval, of, take, timer } from 'rxjs';
import { news } from '../../../src/cli/systemd/news.js';
import type { LifecycleEvent } from '../../../src/lifecycle/events.js';
import type { TaskInfo } from '../../../src/runner/task-info.js';

type Task = Pick<TaskInfo, 'state' | 'ready' | 'origin'>;

const task = (state: TaskInfo['state'], ready: boolean): Task => ({
  ...{ state, ready, origin: 'adopt' },
});

/** A runner that tells what it's told to tell, and what systemd is told of it, with the times. */
function setUp({ watchdog, isLoading = false }: { watchdog?: number; isLoading?: boolean } = {}) {
  const scheduler = new VirtualTimeScheduler();
  const events$ = new Subject<LifecycleEvent>();
  const loaded$ = new Subject<void>();
  let tasks: Task[] = [];
  const told: [at: number, what: string][] = [];
  let isOver = false;
  const view = { events$, tasks: () => tasks as TaskInfo[] };
  news(view, isLoading ? loaded$ : of('loaded'), watchdog, scheduler).subscribe({
    next: (each) => {
      for (const [name, value] of Object.entries(each)) {
        told.push([scheduler.now(), `${name}=${value}`]);
      }
    },
    complete: () => (isOver = true),
  });
  const tell = (type: string, now: Task[] = tasks, why = 'signal') => {
    tasks = now;
    events$.next({ type, at: scheduler.now(), reason: { type: why } } as LifecycleEvent);
  };
  const at = (time: number, act: () => void) => timer(time, scheduler).subscribe(act);
  const until = (time: number) => {
    scheduler.maxFrames = time;
    scheduler.flush();
  };
  const held = () => scheduler.actions.filter((action) => !action.closed).length;
  const toldOf = (name: string) => told.filter(([, what]) => what.startsWith(`${name}=`));
  return {
    scheduler,
    events$,
    loaded$,
    told,
    toldOf,
    tell,
    at,
    until,
    held,
    isOver: () => isOver,
  };
}

describe('news for systemd', () => {
  it('should be READY at once when all is loaded and there is no task', () => {
    const { toldOf, until } = setUp();
    until(10_000);

    expect(toldOf('READY')).toEqual([[0, 'READY=1']]);
  });

  it('should not be READY before all is loaded, though all tasks are ready', () => {
    const { toldOf, tell, loaded$, until } = setUp({ isLoading: true });
    tell('up');
    tell('start', [task('running', true)]);
    until(10_000);
    expect(toldOf('READY')).toEqual([]);
    loaded$.next();
    expect(toldOf('READY')).toHaveLength(1);
  });

  it.each([
    ['one that waits', task('waiting', false)],
    ['one that runs and is not ready', task('running', false)],
    ['one in backoff', task('backoff', false)],
  ])('should not be READY while a task is not: %s', (_, unready) => {
    const { toldOf, tell, loaded$, at, until } = setUp({ isLoading: true });
    tell('up');
    tell('start', [task('running', true), unready]);
    loaded$.next();
    at(5_000, () => tell('ready', [task('running', true), task('running', true)]));
    until(4_999);
    expect(toldOf('READY')).toEqual([]);
    until(10_000);
    expect(toldOf('READY')).toEqual([[5_000, 'READY=1']]);
  });

  it('should be READY though an execution is not', () => {
    const { toldOf, tell, loaded$ } = setUp({ isLoading: true });
    tell('start', [task('running', true), { ...task('waiting', false), origin: 'execute' }]);
    loaded$.next();

    expect(toldOf('READY')).toHaveLength(1);
  });

  it('should be READY once, whatever becomes of the tasks after', () => {
    const { toldOf, tell, at, until } = setUp();
    at(1_000, () => tell('crash', [task('backoff', false)]));
    at(2_000, () => tell('start', [task('running', true)]));
    until(10_000);

    expect(toldOf('READY')).toHaveLength(1);
  });

  it('should never be READY when the stop comes first (PITFALLS C22)', () => {
    const { toldOf, tell, loaded$, until } = setUp({ isLoading: true });
    tell('start', [task('running', false)]);
    loaded$.next();
    tell('shutdown', []);
    tell('exit', []);
    until(10_000);

    expect(toldOf('READY')).toEqual([]);
    expect(toldOf('STOPPING')).toHaveLength(1);
  });

  it('should be READY before it is STOPPING when all is done before anybody could be ready', () => {
    const { told, tell, loaded$ } = setUp({ isLoading: true });
    tell('up', [task('waiting', false)]);
    loaded$.next();
    tell('shutdown', [], 'idle');

    expect(told.map(([, what]) => what)).toEqual([
      'READY=1',
      'STOPPING=1',
      'STATUS=shutting down · 0 running',
    ]);
  });

  it('should be READY once when all is done after it was', () => {
    const { toldOf, tell } = setUp();
    tell('shutdown', [], 'idle');

    expect(toldOf('READY')).toHaveLength(1);
  });

  it('should not be READY when there is nothing to do since nothing was loaded', () => {
    const { toldOf, tell, until } = setUp({ isLoading: true });
    tell('shutdown', [], 'idle');
    until(10_000);

    expect(toldOf('READY')).toEqual([]);
  });

  it('should look at the tasks twenty times a second at most, though thousands start', () => {
    let looks = 0;
    const scheduler = new VirtualTimeScheduler();
    const events$ = interval(1, scheduler).pipe(take(1_000)) as never;
    const tasks = () => {
      looks++;
      return [task('waiting', false)] as TaskInfo[];
    };
    news({ events$, tasks }, of('loaded'), undefined, scheduler).subscribe();
    scheduler.flush();

    expect(looks).toBeGreaterThan(15);
    expect(looks).toBeLessThan(30);
  });

  it('should say STOPPING as the stop begins, and that in the STATUS, before anything else of it', () => {
    const { told, tell, at, until } = setUp();
    tell('up', [task('running', true)]);
    at(5_000, () => {
      tell('restart');
      tell('shutdown', [task('running', true), task('stopping', true)]);
    });
    until(5_000);

    expect(told.filter(([time]) => time === 5_000)).toEqual([
      [5_000, 'STOPPING=1'],
      [5_000, 'STATUS=shutting down · 1 running · 1 stopping · 1 restart'],
    ]);
  });

  it('should say the STATUS when it has changed, once a second at most, the last change too', () => {
    const { scheduler, toldOf, tell, until } = setUp();
    tell('up', [task('running', true)]);
    interval(90, scheduler)
      .pipe(take(40))
      .subscribe(() => tell('restart'));
    until(20_000);

    const status = toldOf('STATUS');
    expect(status[0]).toEqual([50, 'STATUS=1 running']);
    expect(status.at(-1)![1]).toBe('STATUS=1 running · 40 restarts');
    expect(status.length).toBeGreaterThan(3);
    expect(status.length).toBeLessThan(7);
    for (const [index, [time]] of status.entries()) {
      if (index > 0) expect(time - status[index - 1]![0]).toBeGreaterThanOrEqual(1_000);
    }
  });

  it('should say in the first STATUS all that has started by then, and not the half of it', () => {
    const { toldOf, tell, until } = setUp();
    tell('up', []);
    tell('start', [task('running', true)]);
    tell('start', [task('running', true), task('running', true)]);
    until(20_000);

    expect(toldOf('STATUS')).toEqual([[50, 'STATUS=2 running']]);
  });

  it('should not repeat a STATUS that has not changed', () => {
    const { scheduler, toldOf, tell, until } = setUp();
    interval(1_500, scheduler)
      .pipe(take(5))
      .subscribe(() => tell('stopping', [task('running', true)]));
    until(20_000);

    expect(toldOf('STATUS')).toHaveLength(1);
  });

  it('should say WATCHDOG at its interval, also while the runner stops, until it is down', () => {
    const { events$, toldOf, tell, at, until, held, isOver } = setUp({ watchdog: 400 });
    at(900, () => tell('shutdown'));
    until(1_700);

    expect(toldOf('WATCHDOG').map(([time]) => time)).toEqual([400, 800, 1_200, 1_600]);
    events$.complete();
    expect(isOver()).toBe(true);
    expect(held()).toBe(0);
    expect(events$.observed).toBe(false);
  });

  it('should say no WATCHDOG when nobody has asked for it', () => {
    const { toldOf, until } = setUp();
    until(100_000);

    expect(toldOf('WATCHDOG')).toEqual([]);
  });

  it('should hold nothing before anybody listens', () => {
    const scheduler = new VirtualTimeScheduler();
    const events$ = new Subject<LifecycleEvent>();
    news({ events$, tasks: () => [] }, NEVER, 100, scheduler);

    expect(events$.observed).toBe(false);
    expect(scheduler.actions).toEqual([]);
  });
});
