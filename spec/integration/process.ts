import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

export const ROOT: string = join(import.meta.dirname, '../..');
export const MAIN: string = join(ROOT, 'dist/cli/main.js');
export const FIXTURES: string = join(ROOT, 'spec/fixtures/cli');

interface Settings {
  readonly cwd?: string;
  /** Added to the environment; `undefined` takes away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whether it leads a process group of its own. @default false */
  readonly detached?: boolean;
  /** Whether it can be written to. @default false */
  readonly input?: boolean;
  /** What of that it writes is read at once. @default both */
  readonly reading?: readonly Stream[];
}

type Stream = 'stdout' | 'stderr';

const STREAMS: readonly Stream[] = ['stdout', 'stderr'];

/** Whatever the environment of this run wants of colours and the like, what is started is not to know. */
const PLAIN = {
  ...{ NO_COLOR: undefined, FORCE_COLOR: undefined, DEBUG: undefined, NODE_OPTIONS: undefined },
  ...{ NOTIFY_SOCKET: undefined, WATCHDOG_USEC: undefined, WATCHDOG_PID: undefined, TERM: 'xterm' },
};

const living = new Set<Process>();

/** A process, and what it has written so far. */
export class Process {
  stdout = '';
  stderr = '';
  /** Both, as they came: what was written to one of them is in order. */
  output = '';
  readonly child: ChildProcessByStdio<Writable | null, Readable, Readable>;
  readonly #closed: Promise<unknown[]>;
  #wake: () => void = () => undefined;
  /** What has not been waited for yet, of each stream. */
  readonly #rest = { stdout: '', stderr: '' };

  constructor(command: string, args: readonly string[], settings: Settings = {}) {
    const { cwd = ROOT, env, detached = false, input = false, reading = STREAMS } = settings;
    this.child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...PLAIN, ...env },
      detached,
      stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    }) as ChildProcessByStdio<Writable | null, Readable, Readable>;
    this.#closed = once(this.child, 'close');
    for (const stream of reading) {
      this.child[stream].setEncoding('utf8').on('data', (text: string) => {
        this[stream] += text;
        this.output += text;
        this.#rest[stream] += text;
        this.#wake();
      });
    }
    living.add(this);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /**
   * Waits until it has written this, on a stream on which it comes after all that was waited for
   * there before; fails when it ends without.
   */
  async says(text: string | RegExp): Promise<string> {
    for (;;) {
      const found = this.#find(text);
      if (found !== undefined) return found;
      const more = new Promise<true>((resolve) => (this.#wake = () => resolve(true)));
      const isMore = await Promise.race([more, this.#closed.then(() => false)]);
      if (isMore) continue;
      const last = this.#find(text);
      if (last !== undefined) return last;
      throw new Error(`it ended without ${String(text)}:\n${this.output}`);
    }
  }

  /** Waits until something has come about of which nobody tells; fails when it ends before. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`it ended before that:\n${this.output}`);
      }
      await sleep(5);
    }
  }

  /** Writes to its stdin. */
  type(text: string): void {
    this.child.stdin!.write(text);
  }

  /** @param group  Whether all the processes of its group are meant. */
  signal(signal: NodeJS.Signals, group = false): void {
    process.kill(group ? -this.pid : this.pid, signal);
  }

  /** How it ended: its exit code, or the signal that ended it. */
  async ends(): Promise<unknown> {
    const [code, signal] = await this.#closed;
    living.delete(this);
    return signal ?? code;
  }

  #find(text: string | RegExp): string | undefined {
    for (const stream of STREAMS) {
      const rest = this.#rest[stream];
      const found = typeof text === 'string' ? text : (text.exec(rest)?.[0] ?? '');
      const at = found === '' ? -1 : rest.indexOf(found);
      if (at < 0) continue;
      this.#rest[stream] = rest.slice(at + found.length);
      return found;
    }
    return undefined;
  }
}

/** Ends those that a failed spec has left behind: none of the others leaves any. */
export function endAll(): void {
  for (const { child } of living) child.kill('SIGKILL');
  living.clear();
}

/** Starts `rxvisor …`, as it's built, among its fixtures unless told. */
export const start = (args: readonly string[], settings: Settings = {}): Process =>
  new Process(process.execPath, [MAIN, ...args], { cwd: FIXTURES, ...settings });

/** Of a run that has come to its end. */
export interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Lets `rxvisor …` come to its end. */
export async function runToEnd(args: readonly string[], settings: Settings = {}): Promise<Ended> {
  const run = start(args, settings);
  const code = await run.ends();
  return { code, stdout: run.stdout, stderr: run.stderr };
}
