import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { BrokerTaskBackendOptions } from 'rxvisor/broker';
import { now } from './clock.js';
import type { Line } from './model.js';

const WORKER = join(import.meta.dirname, '../../../fixtures/broker/chaos-worker.mjs');

/** How long one may take to begin, and to end, in ms. */
const PATIENCE = 40_000;

/** A process of the fleet. */
interface Member {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown[]>;
  isToEnd: boolean;
  said: string;
}

/** The processes that do the jobs. */
export class Crew {
  /** Those that ended though nobody had them do so, or not as they were told, and what they had to say. */
  readonly failures: string[] = [];
  readonly #options: BrokerTaskBackendOptions;
  readonly #log: string;
  readonly #file: number;
  readonly #members = new Set<Member>();

  /** @param log  The file in which they write down what they do. */
  constructor(options: BrokerTaskBackendOptions, log: string) {
    this.#options = options;
    this.#log = log;
    this.#file = openSync(log, 'a');
  }

  /** Those that are at work. */
  get members(): readonly Member[] {
    return [...this.#members].filter(({ isToEnd }) => !isToEnd);
  }

  /** Resolves when there's one more. */
  async hire(): Promise<void> {
    const waits = { shutdownTimeout: 1_000, startTimeout: PATIENCE / 2 };
    const options = { ...this.#options, ...waits, concurrency: 5 };
    const settings = JSON.stringify({ options, log: this.#log });
    const stdio = ['ignore', 'pipe', 'pipe', 'ipc'] as const;
    const execArgv = ['--no-warnings'];
    const child = fork(WORKER, [settings], { stdio: [...stdio], execArgv });
    const member = { child, ended: once(child, 'exit'), isToEnd: false, said: '' };
    this.#members.add(member);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text: Buffer) => (member.said += String(text)));
    }
    const gone = member.ended.then(([code, signal]) => {
      this.#members.delete(member);
      const isWell = member.isToEnd && (signal === 'SIGKILL' || (code === 0 && member.said === ''));
      const how = `${String(code)}, ${String(signal)}`;
      if (!isWell) this.failures.push(`process ${child.pid} ended (${how}): ${member.said}`);
    });
    await this.#bounded(member, 'begin', Promise.race([once(child, 'message'), gone]));
  }

  /** `kill -9` */
  async kill(member: Member): Promise<void> {
    const { child, ended } = member;
    member.isToEnd = true;
    child.kill('SIGKILL');
    await ended;
    this.#write('killed', child);
  }

  /** Has one end by itself: it gives back what it can't do in time. */
  async retire(member: Member): Promise<void> {
    member.isToEnd = true;
    if (member.child.connected) member.child.send('stop');
    await this.#bounded(member, 'end', member.ended);
    this.#write('left', member.child);
  }

  async retireAll(): Promise<void> {
    await Promise.all(this.members.map((member) => this.retire(member)));
  }

  /** Nobody is left, whatever has come about. */
  end(): void {
    for (const { child } of this.#members) child.kill('SIGKILL');
  }

  /** Whoever takes too long is killed, which is a failure. */
  async #bounded(member: Member, what: string, awaited: Promise<unknown>): Promise<void> {
    const timer = setTimeout(() => {
      this.failures.push(`process ${member.child.pid} did not ${what} within ${PATIENCE} ms`);
      member.child.kill('SIGKILL');
    }, PATIENCE);
    await awaited;
    clearTimeout(timer);
  }

  #write(type: 'killed' | 'left', { pid = NaN }: ChildProcess): void {
    writeSync(this.#file, `${JSON.stringify({ type, pid, at: now() } satisfies Line)}\n`);
  }

  /** What they've written down. */
  read(): Line[] {
    const lines = readFileSync(this.#log, 'utf8').split('\n');
    return lines.filter(Boolean).map((line) => JSON.parse(line) as Line);
  }
}
