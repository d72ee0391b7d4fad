import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterEach, describe, expect, it, jest } from '@jest/globals';

jest.setTimeout(30_000);

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'run-group');

/** A script with a hosted group in a process of its own, and what it has written so far. */
class Child {
  static readonly #living = new Set<Child>();
  readonly lines: string[] = [];
  stderr = '';
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #closed: Promise<unknown[]>;
  #wake: () => void = () => undefined;

  constructor(fixture: string) {
    this.#child = spawn(process.execPath, [join(FIXTURES, `${fixture}.mjs`)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#closed = once(this.#child, 'close');
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.lines.push(line);
      this.#wake();
    });
    Child.#living.add(this);
  }

  /** Waits until it has written a line; fails when it ends without. */
  async says(line: string): Promise<void> {
    while (!this.lines.includes(line)) {
      const more = new Promise<true>((resolve) => (this.#wake = () => resolve(true)));
      const isMore = await Promise.race([more, this.#closed.then(() => false)]);
      if (!isMore && !this.lines.includes(line)) {
        throw new Error(`it ended without "${line}": ${this.lines.join(', ')}; ${this.stderr}`);
      }
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** How it ended: its exit code, or the signal that ended it. */
  async ends(): Promise<unknown> {
    const [code, signal] = await this.#closed;
    Child.#living.delete(this);
    return signal ?? code;
  }

  /** Ends those that a failed spec has left behind. */
  static endAll(): void {
    for (const child of Child.#living) child.signal('SIGKILL');
    Child.#living.clear();
  }
}

describe('a process that hosts a group', () => {
  afterEach(() => {
    Child.endAll();
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'stops its members in reverse at %s, each when the one before is over, and then ends by itself',
    async (signal) => {
      const child = new Child('graceful');
      await child.says('started b');
      child.signal(signal);
      expect(await child.ends()).toBe(0);
      expect(child.lines).toEqual([
        'started a',
        'started b',
        'torn down b',
        'torn down a',
        `${JSON.stringify({ type: 'signal', signal })} {"completed":0,"stopped":3,"failed":0}`,
      ]);
      expect(child.stderr).toBe('');
    },
  );

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'stops at once when %s comes as the second signal, though a member hangs (PITFALLS C14)',
    async (second) => {
      const child = new Child('stubborn');
      await child.says('started');
      child.signal('SIGTERM');
      await child.says('hanging');
      child.signal(second);
      expect(await child.ends()).toBe(5);
      expect(child.lines).toEqual([
        'started',
        'hanging',
        'first torn down',
        'RunnerFailedError hung: OverdueError, first: OverdueError',
        'SIGTERM hung',
      ]);
      expect(child.stderr).toBe('');
    },
  );

  it('is not held up by a member that hangs: SIGTERM ends it after its grace (PITFALLS C14)', async () => {
    const child = new Child('overdue');
    await child.says('started');
    child.signal('SIGTERM');
    expect(await child.ends()).toBe(3);
    expect(child.lines).toEqual(['started', 'first torn down', 'OverdueError hung 30']);
  });

  it('ends by itself when every member has ended, with its signal handlers removed', async () => {
    const child = new Child('ends');
    expect(await child.ends()).toBe(0);
    expect(child.lines).toEqual(['0 2 0 idle b']);
    expect(child.stderr).toBe('');
  });

  it('ends by itself when there is nobody to run, and installs nothing before', async () => {
    const child = new Child('empty');
    expect(await child.ends()).toBe(0);
    const [installed, reason] = child.lines;
    expect(installed).toMatch(/^0 (?!.*(Timeout|Immediate|Signal))/);
    expect(reason).toBe('idle');
  });

  it('is kept alive by nothing but the group when that is asked for, until a signal comes', async () => {
    const child = new Child('keep-alive');
    await child.says('ended');
    child.signal('SIGUSR2');
    await child.says('still here');
    child.signal('SIGINT');
    expect(await child.ends()).toBe(0);
    expect(child.lines).toEqual(['ended', 'still here', 'SIGINT 2']);
  });

  it('is ended by a signal like any script when the group is to leave signals alone (PITFALLS C21)', async () => {
    const child = new Child('without-signals');
    await child.says('started');
    child.signal('SIGTERM');
    expect(await child.ends()).toBe('SIGTERM');
  });

  it('is ended by a signal like any script again when the group has stopped', async () => {
    const child = new Child('after');
    await child.says('stop 0 0');
    child.signal('SIGINT');
    expect(await child.ends()).toBe('SIGINT');
  });

  it('ends with code 1 when a significant member fails and nobody catches it, siblings torn down first', async () => {
    const child = new Child('fails');
    expect(await child.ends()).toBe(1);
    expect(child.lines).toEqual(['sibling torn down']);
    expect(child.stderr).toContain('RunnerFailedError');
    expect(child.stderr).toContain('task "group" failed: Error: boom');
  });

  it('sees no uncaught exception and no unhandled rejection, however its members crash', async () => {
    const child = new Child('restarts');
    expect(await child.ends()).toBe(0);
    expect(child.lines).toEqual(['5 5 3 0 0']);
    expect(child.stderr).toBe('');
  });
});
