import { describe, expect, it } from '@jest/globals';
import { Subject, VirtualTimeScheduler } from 'rxjs';
import { tellSystemd } from '../../../src/cli/systemd/tell-systemd.js';
import type { LifecycleEvent } from '../../../src/lifecycle/events.js';

function setUp(env: NodeJS.ProcessEnv, call = async (_args: readonly string[]) => {}) {
  const scheduler = new VirtualTimeScheduler();
  const events$ = new Subject<LifecycleEvent>();
  const calls: string[] = [];
  const said: string[] = [];
  const leave = tellSystemd(
    {
      runner: { events$, tasks: () => [] },
      log: { say: (level, text) => said.push(`${level}: ${text}`) },
      loaded: Promise.resolve(),
    },
    {
      process: { env, pid: 42 },
      call: async (args) => {
        calls.push(args.join(' '));
        await call(args);
      },
      scheduler,
    },
  );
  return { scheduler, events$, calls, said, leave };
}

const turns = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

describe('tellSystemd', () => {
  it.each([{}, { NOTIFY_SOCKET: '' }, { WATCHDOG_USEC: '1000' }])(
    'should do nothing at all without NOTIFY_SOCKET: %p',
    async (env) => {
      const { scheduler, events$, calls, leave } = setUp(env);
      expect(events$.observed).toBe(false);
      expect(scheduler.actions).toEqual([]);
      await leave();
      expect(calls).toEqual([]);
    },
  );

  it('should tell READY when all is loaded, and STOPPING, before it says that all is told', async () => {
    const { events$, calls, leave } = setUp({ NOTIFY_SOCKET: '/run/notify' });
    await turns();
    events$.next({ type: 'shutdown', reason: { type: 'stop' } } as LifecycleEvent);
    events$.complete();
    await leave();

    expect(calls[0]).toBe('READY=1');
    expect(calls.slice(1).join(' ')).toContain('STOPPING=1');
    expect(events$.observed).toBe(false);
  });

  it('should tell WATCHDOG if this process is watched, and no more when it has been left', async () => {
    const env = { NOTIFY_SOCKET: '@notify', WATCHDOG_USEC: '2000000', WATCHDOG_PID: '42' };
    const { scheduler, calls, leave } = setUp(env);
    await turns();
    scheduler.maxFrames = 1_000;
    scheduler.flush();
    await turns();
    expect(calls).toEqual(['READY=1', 'WATCHDOG=1']);
    void leave();
    scheduler.maxFrames = 10_000;
    scheduler.flush();
    await turns();
    expect(calls).toHaveLength(2);
  });

  it('should tell no WATCHDOG if another process is watched', async () => {
    const env = { NOTIFY_SOCKET: '@notify', WATCHDOG_USEC: '2000000', WATCHDOG_PID: '43' };
    const { scheduler, calls } = setUp(env);
    await turns();
    scheduler.maxFrames = 10_000;
    scheduler.flush();
    await turns();

    expect(calls).toEqual(['READY=1']);
  });

  it('should say it in one warning when it fails', async () => {
    const { said, leave } = setUp({ NOTIFY_SOCKET: '/run/notify' }, () =>
      Promise.reject(Object.assign(new Error('spawn'), { code: 'ENOENT' })),
    );
    await turns();
    await leave();

    expect(said).toEqual([expect.stringMatching(/^warn: systemd is told nothing: /)]);
  });
});
