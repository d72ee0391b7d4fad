import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { peek, show } from '../../show.js';

/** What is told: assignments as sd_notify(3) has them, `{ READY: '1' }`. */
export type News = Readonly<Record<string, string>>;

/** Calls `systemd-notify` with these arguments, and rejects when that fails. */
export type Call = (args: readonly string[]) => Promise<unknown>;

const execute = promisify(execFile);

/** With the environment of this process, and so with its NOTIFY_SOCKET. */
export const callSystemdNotify: Call = (args) => execute('systemd-notify', args);

/**
 * Tells systemd news, by calls of `systemd-notify`: Node has no unix datagram sockets. One call after
 * the other, as each returns when systemd has read it; what is told meanwhile goes with the next,
 * of one variable only the last value.
 *
 * Whatever goes wrong with it is no failure of the daemon: there is one warning.
 *
 * @see systemd-notify(1), sd_notify(3)
 */
export class Notifier {
  readonly #warn: (text: string) => void;
  readonly #call: Call;
  readonly #untold: News[] = [];
  #telling: Promise<void> | undefined;
  #hasWarned = false;
  #isMissing = false;

  constructor(warn: (text: string) => void, call: Call = callSystemdNotify) {
    this.#warn = warn;
    this.#call = call;
  }

  tell(news: News): void {
    if (this.#isMissing) return;
    const last = this.#untold.at(-1);
    if (last === undefined || isTurn(last, news)) this.#untold.push(news);
    else this.#untold.splice(-1, 1, { ...last, ...news });
    this.#telling ??= this.#tellAll();
  }

  /** Resolves when all has been told, or can't be. Never rejects. */
  async told(): Promise<void> {
    await this.#telling;
  }

  async #tellAll(): Promise<void> {
    for (let next = this.#untold.shift(); next; next = this.#untold.shift()) {
      const args = Object.entries(next).map(([name, value]) => `${name}=${value}`);
      try {
        await this.#call(args);
      } catch (error: unknown) {
        this.#failed(error);
      }
    }
    this.#telling = undefined;
  }

  #failed(error: unknown): void {
    this.#isMissing = peek(error, 'code') === 'ENOENT';
    if (this.#isMissing) this.#untold.length = 0;
    // A signal to all processes of the service has met it, too.
    if (this.#hasWarned || typeof peek(error, 'signal') === 'string') return;
    this.#hasWarned = true;
    this.#warn(
      this.#isMissing
        ? 'systemd is told nothing: NOTIFY_SOCKET is set, but there is no systemd-notify to call; install it (on Debian it is part of the package systemd), or unset NOTIFY_SOCKET'
        : `systemd may not have been told: ${show(error)}`,
    );
  }
}

/** Of READY and STOPPING in one message systemd would see one only. */
const isTurn = (last: News, news: News) => 'READY' in last && 'STOPPING' in news;
