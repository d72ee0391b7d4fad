import { describe, expect, it } from '@jest/globals';
import { Subject, VirtualTimeScheduler, interval, take, timer } from 'rxjs';
import { statusLine } from '../../src/cli/status-line.js';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import type { TaskInfo } from '../../src/runner/task-info.js';

/** A runner that tells what it's told to tell, and the texts that are said of it, with their times. */
function setUp() {
  const scheduler = new VirtualTimeScheduler();
  const events$ = new Subject<LifecycleEvent>();
  const tasks: Pick<TaskInfo, 'state' | 'origin'>[] = [];
  const said: [at: number, text: string][] = [];
  let isOver = false;
  const view = { events$, tasks: () => tasks as TaskInfo[] };
  const subscription = statusLine(view, scheduler).subscribe({
    next: (text) => said.push([scheduler.now(), text]),
    complete: () => (isOver = true),
  });
  const tell = (type: string) =>
    events$.next({ type, at: scheduler.now(), reason: { type: 'stop' } } as LifecycleEvent);
  const until = (time: number) => {
    scheduler.maxFrames = time;
    scheduler.flush();
  };
  const held = () => scheduler.actions.filter((action) => !action.closed).length;
  const be = (...states: TaskInfo['state'][]) =>
    tasks.splice(0, tasks.length, ...states.map((state) => ({ state, origin: 'adopt' }) as const));
  return { scheduler, events$, said, tell, until, be, held, subscription, isOver: () => isOver };
}

describe('statusLine', () => {
  it('should say nothing before the runner is up, and hold nothing when it is left then', () => {
    const { said, until, subscription, held } = setUp();
    until(5_000);
    subscription.unsubscribe();

    expect(said).toEqual([]);
    expect(held()).toBe(0);
  });

  it('should say every second how long the runner has been up, though nothing happens', () => {
    const { said, tell, until, be } = setUp();
    be('running');
    tell('up');
    until(65_050);

    expect(said.slice(0, 3)).toEqual([
      [0, '▶ 1 running'],
      [1_000, '▶ 1 running · up 1 s'],
      [2_000, '▶ 1 running · up 2 s'],
    ]);
    expect(said.at(-1)).toEqual([65_000, '▶ 1 running · up 1 min 5 s']);
    expect(said).toHaveLength(66);
  });

  it('should say at once what has changed, as the tasks are then', () => {
    const { scheduler, said, tell, until, be } = setUp();
    tell('up');
    timer(450, scheduler).subscribe(() => {
      be('running', 'backoff');
      tell('restart');
    });
    until(999);

    expect(said).toEqual([
      [0, '▶ 0 running'],
      [450, '▶ 1 running · 1 in backoff · 1 restart'],
    ]);
  });

  it('should say what has changed at most ten times a second, the last change too', () => {
    const { scheduler, said, tell, until } = setUp();
    interval(7, scheduler)
      .pipe(take(140))
      .subscribe({ next: () => tell('restart'), complete: () => tell('shutdown') });
    until(1_500);

    expect(said.length).toBeGreaterThanOrEqual(8);
    for (const [index, [at]] of said.entries()) {
      if (index > 0) expect(at - said[index - 1]![0]).toBeGreaterThanOrEqual(100);
    }
    expect(said[0]).toEqual([7, '▶ 0 running · 1 restart']);
    expect(said.at(-1)![1]).toBe('▽ shutting down · 0 running · 140 restarts');
  });

  it('should say that the runner is shutting down, and complete with its events', () => {
    const { events$, said, tell, until, be, held, isOver } = setUp();
    be('stopping');
    tell('up');
    until(1_500);
    tell('shutdown');
    until(2_500);

    expect(said.at(-1)).toEqual([2_000, '▽ shutting down · 0 running · 1 stopping · up 2 s']);
    expect(isOver()).toBe(false);
    events$.complete();
    expect(isOver()).toBe(true);
    expect(held()).toBe(0);
    expect(events$.observed).toBe(false);
  });
});
