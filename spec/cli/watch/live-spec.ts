import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Subject, VirtualTimeScheduler } from 'rxjs';
import { live } from '../../../src/cli/watch/live.js';
import type { Said } from '../../../src/cli/watch/wire.js';
import { Runner } from '../../../src/runner/runner.js';

/** Long enough for flavours and promises, none of which waits for a timer here. */
const turns = async () => {
  for (let turn = 0; turn < 10; turn++) await setImmediate();
};

/** A runner that cares for a process that only seems to be one. */
function setUp() {
  const scheduler = new VirtualTimeScheduler();
  const story: string[] = [];
  const children: {
    say: (said: Said) => void;
    end: (code: number) => void;
    heard: () => boolean;
  }[] = [];
  const start = () => {
    const number = children.length + 1;
    story.push(`start ${number}`);
    const said$ = new Subject<Said>();
    let end!: (code: number) => void;
    const exit = new Promise<number>((resolve) => (end = resolve));
    children.push({ say: (said) => said$.next(said), end, heard: () => said$.observed });
    return { said$, exit, kill: (signal: string) => story.push(`${signal} ${number}`) };
  };
  const files = {
    clear: () => story.push('forget files'),
    add: (path: string, version?: string) => story.push(`file ${path} ${version}`),
  };
  const say = (text: string) => story.push(text);
  const runner = new Runner({ grace: Infinity });
  runner.adopt(live({ start, files, say, scheduler }), { name: 'daemon' });
  const over = runner.run();
  const pass = async (time: number) => {
    await turns();
    scheduler.maxFrames = scheduler.now() + time;
    scheduler.schedule(() => {}, time);
    scheduler.flush();
    await turns();
  };
  /** What has happened since it was asked for the last time. */
  const told = async () => {
    await turns();
    return story.splice(0);
  };
  return { runner, over, children, told, pass };
}

describe('live', () => {
  it('should start a child, and have the files watched that it says it loads', async () => {
    const { runner, over, children, told, pass } = setUp();
    await turns();
    children[0]!.say({ loaded: '/a', version: '1' });
    children[0]!.say({ loaded: '/b', version: 'none' });
    expect(await told()).toEqual(['forget files', 'start 1', 'file /a 1', 'file /b none']);
    void runner.shutdown();
    await pass(1);
    children[0]!.end(0);
    await over;
    expect(children[0]!.heard()).toBe(false);
  });

  it('should start the next only when the one before has stopped, and ask for that with SIGTERM', async () => {
    const { runner, over, children, told, pass } = setUp();
    await told();
    runner.restart('daemon');
    await pass(10_000);
    expect(await told()).toEqual(['SIGTERM 1']);
    children[0]!.end(0);
    expect(await told()).toEqual(['forget files', 'start 2']);
    expect(children[0]!.heard()).toBe(false);
    void runner.shutdown();
    await pass(1);
    children[1]!.end(0);
    await over;
  });

  it('should start one child only, though it is to be restarted again while the one before stops', async () => {
    const { runner, over, children, told, pass } = setUp();
    await told();
    runner.restart('daemon');
    await pass(10);
    runner.restart('daemon');
    await pass(10);
    children[0]!.end(0);
    expect(await told()).toEqual(['SIGTERM 1', 'forget files', 'start 2']);
    void runner.shutdown();
    await pass(1);
    children[1]!.end(0);
    await over;
    expect(children).toHaveLength(2);
  });

  it('should say that a child has ended by itself, hear what it still had to say, and wait', async () => {
    const { runner, over, children, told, pass } = setUp();
    await told();
    children[0]!.end(2);
    expect(await told()).toEqual(['ended with exit code 2, and starts again when a file changes']);
    children[0]!.say({ loaded: '/late', version: '1' });
    expect(await told()).toEqual(['file /late 1']);
    runner.restart('daemon');
    expect(await told()).toEqual(['forget files', 'start 2']);
    children[1]!.end(0);
    await told();
    await runner.shutdown();
    await over;
    await pass(100_000);
    expect(await told()).toEqual([]);
  });

  it('should pass a signal on, when the child has not begun to stop by itself', async () => {
    const { runner, over, children, told, pass } = setUp();
    await told();
    void runner.shutdown({ type: 'signal', signal: 'SIGINT' });
    await pass(499);
    expect(await told()).toEqual([]);
    await pass(1);
    expect(await told()).toEqual(['SIGINT 1']);
    children[0]!.end(0);
    await over;
  });

  it('should not pass a signal on that the child has had itself', async () => {
    const { runner, over, children, told, pass } = setUp();
    await told();
    children[0]!.say({ stopping: true });
    void runner.shutdown({ type: 'signal', signal: 'SIGINT' });
    await pass(10_000);
    expect(await told()).toEqual([]);
    children[0]!.end(0);
    await over;
  });

  it('should not pass a signal on to a child that is over by then', async () => {
    const { runner, over, children, told, pass } = setUp();
    await told();
    void runner.shutdown({ type: 'signal', signal: 'SIGTERM' });
    await turns();
    children[0]!.end(0);
    await over;
    await pass(100_000);
    expect(await told()).toEqual([]);
  });

  it('should kill a child that is not over in time, and say so', async () => {
    const { runner, over, children, told, pass } = setUp();
    await told();
    runner.restart('daemon');
    await pass(14_999);
    expect(await told()).toEqual(['SIGTERM 1']);
    await pass(1);
    expect(await told()).toEqual(['was not over in time, and is killed', 'SIGKILL 1']);
    children[0]!.end(137);
    expect(await told()).toEqual(['forget files', 'start 2']);
    void runner.shutdown();
    children[1]!.end(0);
    await over;
  });
});
