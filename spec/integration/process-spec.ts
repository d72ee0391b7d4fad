import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'process');
const children = new Set<Child>();

/** A script in a process of its own, and what it has written so far. */
class Child {
  readonly lines: string[] = [];
  readonly #child: ReturnType<typeof spawn>;
  readonly #ended: Promise<unknown[]>;
  readonly #waiting = new Set<() => void>();
  stderr = '';

  constructor(fixture: string) {
    this.#child = spawn(process.execPath, [join(FIXTURES, `${fixture}.mjs`)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#ended = once(this.#child, 'close');
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      this.lines.push(line);
      for (const wake of this.#waiting) wake();
    });
    this.#child.stderr!.on('data', (data: Buffer) => (this.stderr += data.toString()));
    children.add(this);
  }

  /** Resolves when it has written a line; rejects when it ends before. */
  async says(line: string): Promise<void> {
    const said = new Promise<void>((resolve) => {
      const wake = () => {
        if (this.lines.includes(line)) resolve();
      };
      this.#waiting.add(wake);
      wake();
    });
    const gone = this.#ended.then(() => {
      if (!this.lines.includes(line)) throw new Error(`ended before "${line}": ${this.stderr}`);
    });
    await Promise.race([said, gone]);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** How it ended: its exit code, or the signal that ended it. */
  async ends(): Promise<unknown> {
    const [code, signal] = await this.#ended;
    children.delete(this);
    return signal ?? code;
  }
}

const start = (fixture: string): Child => new Child(fixture);

afterEach(() => {
  // Only of a spec that failed: none of the others leaves a process behind.
  for (const child of children) child.signal('SIGKILL');
  children.clear();
});

describe('a process with a runner in it', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'stops gracefully at %s, and then ends by itself with code 0',
    async (signal) => {
      const child = start('graceful');
      await child.says('start');
      child.signal(signal);
      expect(await child.ends()).toBe(0);
      expect(child.lines).toEqual([
        'up',
        'start',
        'shutdown',
        'stopping',
        'tearing down',
        'exit',
        'down',
        JSON.stringify({ type: 'signal', signal }),
      ]);
      expect(child.stderr).toBe('');
    },
  );

  it('stops at once at a second signal, and names what it gave up (PITFALLS C1, C2, C14)', async () => {
    const child = start('stubborn');
    await child.says('start');
    child.signal('SIGTERM');
    await child.says('stopping');
    child.signal('SIGINT');
    expect(await child.ends()).toBe(5);
    expect(child.lines).toEqual([
      'up',
      'start',
      'shutdown',
      'stopping',
      'overdue',
      'exit',
      'down',
      'RunnerFailedError OverdueError stubborn',
    ]);
    expect(child.stderr).toBe('');
  });

  it('stops at once at the second of two equal signals, too', async () => {
    const child = start('stubborn');
    await child.says('start');
    child.signal('SIGTERM');
    await child.says('stopping');
    child.signal('SIGTERM');
    expect(await child.ends()).toBe(5);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'is ended by %s like any script when the runner was not asked to listen (PITFALLS E3, C21)',
    async (signal) => {
      const child = start('without-signals');
      await child.says('start');
      child.signal(signal);
      expect(await child.ends()).toBe(signal);
      expect(child.lines).toEqual(['up', 'start']);
    },
  );

  it('is ended by a signal like any script again when the runner has stopped', async () => {
    const child = start('after-signals');
    await child.says('stopped 0 0');
    child.signal('SIGTERM');
    expect(await child.ends()).toBe('SIGTERM');
  });

  it('is kept alive while the runner runs, though nothing else would, and ends by itself after (PITFALLS A24)', async () => {
    const child = start('keep-alive');
    await child.says('start');
    child.signal('SIGUSR2');
    await child.says('still here');
    child.lines.length = 0;
    child.signal('SIGUSR2');
    await child.says('still here');
    child.signal('SIGHUP');
    expect(await child.ends()).toBe(0);
    expect(child.lines.at(-1)).toBe('over');
  });

  it('is not kept alive by a runner that never runs', async () => {
    const child = start('idle');
    expect(await child.ends()).toBe(0);
    expect(child.lines).toEqual(['idle']);
  });

  it('ends by itself when all has ended and it was to run until then', async () => {
    const child = start('until-idle');
    expect(await child.ends()).toBe(0);
    expect(child.lines).toEqual(['{"completed":1,"stopped":0,"failed":0}']);
  });

  it('ends with code 1 when run() rejects and nobody catches it, after everything has stopped', async () => {
    const child = start('fails');
    expect(await child.ends()).toBe(1);
    expect(child.lines).toEqual(['torn down']);
    expect(child.stderr).toContain('RunnerFailedError');
    expect(child.stderr).toContain('task "failing" failed: Error: boom');
  });

  it('has no uncaught exception and no unhandled rejection, however its payloads fail', async () => {
    const child = start('failures');
    expect(await child.ends()).toBe(0);
    expect(child.lines).toEqual(['0 survivors, 0 leaks']);
    expect(child.stderr).toBe('');
  }, 30_000);

  it('ends with code 1 when an observer of the events throws, as RxJS has it', async () => {
    const child = start('observer-throws');
    expect(await child.ends()).toBe(1);
    expect(child.stderr).toContain('Error: observer');
  });

  it('goes on when somebody takes what the observers of the events throw', async () => {
    const child = start('observer-throws-handled');
    expect(await child.ends()).toBe(0);
    const told = ['up', 'start', 'exit', 'shutdown', 'down'].map((type) => `uncaught ${type}`);
    expect(child.lines).toEqual([...told, '1 stopped']);
  });

  it('loses no output and no exit code after a signal: nothing calls process.exit (PITFALLS E1, E2)', async () => {
    const child = start('large-output');
    await child.says('start');
    child.signal('SIGTERM');
    expect(await child.ends()).toBe(3);
    expect(child.lines.at(-1)).toHaveLength(2_000_000);
  });

  it('may be ended by a teardown in the middle of a stop (PITFALLS C3)', async () => {
    const child = start('exit-in-teardown');
    await child.says('start');
    child.signal('SIGTERM');
    expect(await child.ends()).toBe(7);
    expect(child.lines.at(-1)).toBe('stopping');
  });

  it('may have several runners, each of which stops at a signal', async () => {
    const child = start('two-runners');
    await child.says('start');
    child.signal('SIGINT');
    expect(await child.ends()).toBe(0);
    expect(child.lines).toEqual(['start', 'SIGINT', 'SIGINT']);
  });

  it('may be asked to stop in the tick in which the runner was asked to run', async () => {
    const child = start('signal-at-once');
    expect(await child.ends()).toBe(0);
    expect(child.lines.at(-1)).toBe('signal');
    expect(child.lines.slice(-3)).toEqual(['exit', 'down', 'signal']);
  });

  it('is held by nothing before a runner runs, nor in the tick after it is down', async () => {
    const child = start('held');
    expect(await child.ends()).toBe(0);
    const [, ...verdicts] = child.lines;
    expect(verdicts).toHaveLength(9);
    for (const verdict of verdicts) expect(verdict).toMatch(/^\w+ true true true true$/);
  });
});
