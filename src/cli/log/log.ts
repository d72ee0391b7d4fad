import { resolve } from 'node:path';
import { type Observable, Subscription, filter, map } from 'rxjs';
import type { LifecycleEvent } from '../../lifecycle/events.js';
import { formatLifecycle } from '../../observability/format-lifecycle.js';
import { fromSignals } from '../../signals.js';
import type { RunCommand } from '../arguments.js';
import { jsonLine, jsonMessage } from './json-line.js';
import { type Level, isSeen, levelOf } from './level-of.js';
import { LogFile } from './log-file.js';
import { takeWarnings } from './take-warnings.js';
import { StreamTarget, type Target } from './target.js';

type Options = Pick<RunCommand, 'log' | 'logLevel' | 'logTarget'>;

/** Writes the lifecycle, and what the command itself has to say. */
export class Log {
  readonly #options: Options;
  readonly #stderr: Target;
  readonly #target: Target;
  readonly #streams: StreamTarget[] = [];
  readonly #subscription = new Subscription();

  /** @throws {@link UsageError} if the file can't be opened. */
  constructor(options: Options) {
    this.#options = options;
    this.#stderr = this.#toStream(process.stderr);
    this.#target = this.#toTarget(options.logTarget);
  }

  /** Writes what is told, as it's told. */
  follow(events$: Observable<LifecycleEvent>): void {
    const { log, logLevel } = this.#options;
    if (log === 'silent') return;
    if (log === 'json') {
      takeWarnings((text) => {
        this.say('warn', text);
      });
    }
    const lines$ = events$.pipe(
      filter((event) => isSeen(levelOf(event), logLevel)),
      log === 'json' ? map(jsonLine) : formatLifecycle({ colours: this.#isColoured }),
    );
    this.#subscription.add(
      // eslint-disable-next-line rxjs-x/no-ignored-error -- events$ never errors
      lines$.subscribe((line) => {
        this.#target.write(line);
      }),
    );
  }

  /** Says something of the command's own, if that level is wanted. Where there's nothing but JSON, it's JSON. */
  say(level: Level, text: string): void {
    if (!isSeen(level, this.#options.logLevel)) return;
    this.sayToMachines(level, text);
    this.sayToPeople(text);
  }

  /** Says what lines for people have said already, or will. */
  sayToMachines(level: Level, text: string): void {
    if (this.#options.log !== 'json') return;
    this.#target.write(jsonMessage(level, Date.now(), text), true);
  }

  /** Says what lines of JSON have said already. */
  sayToPeople(text: string): void {
    const isJson = this.#options.log === 'json';
    if (isJson && !this.#target.isFile) return;
    this.#stderr.write(`rxvisor: ${text}`, true);
    if (this.#target.isFile && !isJson) this.#target.write(`rxvisor: ${text}`);
  }

  close(): void {
    this.#subscription.unsubscribe();
    for (const stream of this.#streams) stream.close();
  }

  get #isColoured(): boolean {
    if (this.#target.isFile) return false;
    const { FORCE_COLOR = '', NO_COLOR = '' } = process.env;
    if (FORCE_COLOR) return FORCE_COLOR !== '0';
    const stream = this.#options.logTarget === 'stdout' ? process.stdout : process.stderr;
    return stream.isTTY && NO_COLOR === '' && process.env.TERM !== 'dumb';
  }

  #toTarget(name: string): Target {
    if (name === 'stderr') return this.#stderr;
    if (name === 'stdout') return this.#toStream(process.stdout);
    const file = new LogFile(resolve(name), (text) => {
      this.#stderr.write(`rxvisor: ${text}`);
    });
    this.#subscription.add(
      // eslint-disable-next-line rxjs-x/no-ignored-error -- signals never error
      fromSignals(['SIGHUP']).subscribe(() => {
        file.reopen();
      }),
    );
    return file;
  }

  #toStream(stream: NodeJS.WriteStream): Target {
    // That nobody reads any more is no reason to stop.
    stream.on('error', () => undefined);
    const target = new StreamTarget(stream, (count) => {
      const text = `${count} lines were dropped, since nobody read them`;
      return this.#options.log === 'json'
        ? jsonMessage('warn', Date.now(), text)
        : `rxvisor: ${text}`;
    });
    this.#streams.push(target);
    return target;
  }
}
