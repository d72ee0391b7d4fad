import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

export const ROOT: string = join(import.meta.dirname, '../../..');
export const FIXTURES: string = join(ROOT, 'spec/fixtures/cli');
const MAIN = join(ROOT, 'dist/cli/main.js');

const children = new Set<Child>();

interface Settings {
  /** @default the fixtures */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What of that it writes is read at once. @default 'both' */
  readonly reading?: 'both' | 'stderr';
}

/** The built command in a process of its own, and what it has written so far. */
export class Child {
  stdout = '';
  stderr = '';
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  readonly #closed: Promise<unknown[]>;
  readonly #waiting = new Set<() => void>();

  constructor(args: readonly string[], { cwd = FIXTURES, env = {}, reading = 'both' }: Settings) {
    this.process = spawn(process.execPath, [MAIN, ...args], {
      cwd,
      env: { ...plainEnv(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#closed = once(this.process, 'close');
    const hear = (stream: 'stdout' | 'stderr') => {
      this.process[stream].on('data', (data: Buffer) => {
        this[stream] += data.toString();
        this.#wake();
      });
    };
    hear('stderr');
    if (reading === 'both') hear('stdout');
    children.add(this);
  }

  /** Resolves when it has written this, anywhere; rejects when it ends before. */
  async says(text: string): Promise<void> {
    const hasSaid = () => this.stdout.includes(text) || this.stderr.includes(text);
    const said = new Promise<void>((resolve) => {
      const wake = () => {
        if (hasSaid()) resolve();
      };
      this.#waiting.add(wake);
      wake();
    });
    const gone = this.#closed.then(() => {
      if (!hasSaid()) throw new Error(`ended before it said "${text}": ${this.stderr}`);
    });
    await Promise.race([said, gone]);
  }

  /** Resolves when something has come about of which nobody tells; rejects when it ends before. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.process.exitCode !== null || this.process.signalCode !== null) {
        throw new Error(`ended before it came about: ${this.stderr}`);
      }
      await sleep(5);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** How it ended: its exit code, or the signal that ended it. */
  async ends(): Promise<unknown> {
    const [code, signal] = await this.#closed;
    children.delete(this);
    return signal ?? code;
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}

/** Starts `rxvisor …`. */
export const start = (args: readonly string[], settings: Settings = {}): Child =>
  new Child(args, settings);

/** Of a run that has come to its end. */
export interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Lets `rxvisor …` come to its end. */
export async function runToEnd(args: readonly string[], settings: Settings = {}): Promise<Ended> {
  const child = start(args, settings);
  const code = await child.ends();
  return { code, stdout: child.stdout, stderr: child.stderr };
}

/** Only of a spec that failed: none of the others leaves a process behind. */
export function killAll(): void {
  for (const child of children) child.signal('SIGKILL');
  children.clear();
}

/** The lines of lifecycle, without their times and the width of their columns. */
export const linesOf = (stderr: string): string[] =>
  stderr
    .split('\n')
    .filter((line) => /^\d\d:\d\d:\d\d\.\d{3} /.test(line))
    .map((line) => line.slice(13).replace(/ {2,}/g, ' '));

/** What the command itself says, beside the lines of lifecycle. */
export const wordsOf = (stderr: string): string =>
  stderr
    .split('\n')
    .filter((line) => !/^\d\d:\d\d:\d\d\.\d{3} /.test(line))
    .join('\n');

/** Whatever the environment of this run wants of colours and the like, a child is not to know. */
const plainEnv = () =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(NO_COLOR|FORCE_COLOR|DEBUG|NODE_OPTIONS|NOTIFY_SOCKET|WATCHDOG_.*)$/.test(name),
    ),
  );
