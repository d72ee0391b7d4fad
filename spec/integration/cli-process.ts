import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export const ROOT: string = join(import.meta.dirname, '../..');
export const MAIN: string = join(ROOT, 'dist/cli/main.js');

interface Settings {
  readonly cwd?: string;
  /** Added to the environment; `undefined` takes away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whether it leads a process group of its own. @default false */
  readonly detached?: boolean;
  /** Whether it can be written to. @default false */
  readonly input?: boolean;
}

/** Whatever the environment of this run wants of colours and the like, what is started is not to know. */
const PLAIN = {
  ...{ NO_COLOR: undefined, FORCE_COLOR: undefined, DEBUG: undefined, NODE_OPTIONS: undefined },
  ...{ NOTIFY_SOCKET: undefined, WATCHDOG_USEC: undefined, WATCHDOG_PID: undefined, TERM: 'xterm' },
};

/** A process, and what it has written so far, on stdout and stderr. */
export class Process {
  static readonly #living = new Set<Process>();
  /** Everything, as it came: what was written to one stream is in order. */
  output = '';
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown[]>;
  #wake: () => void = () => undefined;
  /** What has not been waited for yet, of each stream. */
  readonly #rest = { stdout: '', stderr: '' };

  constructor(
    command: string,
    args: readonly string[],
    { cwd, env, detached, input }: Settings = {},
  ) {
    this.#child = spawn(command, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...PLAIN, ...env },
      stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      detached: detached ?? false,
    });
    this.#closed = once(this.#child, 'close');
    for (const name of ['stdout', 'stderr'] as const) {
      this.#child[name]!.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        this.#rest[name] += text;
        this.#wake();
      });
    }
    Process.#living.add(this);
  }

  get pid(): number {
    return this.#child.pid!;
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

  /** Writes to its stdin. */
  type(text: string): void {
    this.#child.stdin!.write(text);
  }

  /** @param group  Whether all the processes of its group are meant. */
  signal(signal: NodeJS.Signals, group = false): void {
    process.kill(group ? -this.pid : this.pid, signal);
  }

  /** How it ended: its exit code, or the signal that ended it. */
  async ends(): Promise<unknown> {
    const [code, signal] = await this.#closed;
    Process.#living.delete(this);
    return signal ?? code;
  }

  /** Ends those that a failed spec has left behind. */
  static endAll(): void {
    for (const each of Process.#living) each.#child.kill('SIGKILL');
    Process.#living.clear();
  }

  #find(text: string | RegExp): string | undefined {
    for (const name of ['stdout', 'stderr'] as const) {
      const rest = this.#rest[name];
      const found = typeof text === 'string' ? text : (text.exec(rest)?.[0] ?? '');
      const at = found === '' ? -1 : rest.indexOf(found);
      if (at < 0) continue;
      this.#rest[name] = rest.slice(at + found.length);
      return found;
    }
    return undefined;
  }
}

/** Starts `rxvisor …`. */
export const start = (args: readonly string[], settings: Settings = {}): Process =>
  new Process(process.execPath, [MAIN, ...args], settings);
