import { afterEach, describe, expect, it } from '@jest/globals';
import { type ThreadOptions, toSettings } from '../../../src/thread/options.js';
import { Line, type Listener } from '../../../src/thread/outside/line.js';
import { isBatch } from '../../../src/thread/outbox.js';
import {
  CLOSE,
  DEFINE,
  ENTER,
  EXITING,
  type FromThread,
  HELLO,
  OVER,
  RESULT,
  VALUES,
} from '../../../src/thread/protocol.js';
import { Seats } from '../../../src/thread/seats.js';

// A line has a worker at its end, which runs what has been built.

/** Hears all that comes of a worker, and can be waited for. */
class Heard implements Listener {
  readonly messages: FromThread[] = [];
  readonly errors: unknown[] = [];
  readonly ends: [exitCode: number, threadId: number, stderr: string][] = [];
  expectsMore = true;
  drains = 0;
  #wake: () => void = () => undefined;

  receive(said: FromThread | readonly FromThread[]): void {
    this.messages.push(...(isBatch(said) ? said : [said]));
  }

  drained(): void {
    this.drains++;
    this.#wake();
  }

  failed(error: unknown): void {
    this.errors.push(error);
  }

  gone(...end: [exitCode: number, threadId: number, stderr: string]): void {
    this.ends.push(end);
    this.#wake();
  }

  /** Resolves when this holds. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  kinds(): number[] {
    return this.messages.map(([kind]) => kind);
  }
}

describe('Line', () => {
  const lines: Line[] = [];

  const start = (options: ThreadOptions = {}) => {
    const heard = new Heard();
    const seats = new Seats();
    const line = new Line(toSettings(options), seats.shared, heard);
    lines.push(line);
    /** Has it run the function `f` of a module with this source. */
    const run = (source: string) => {
      seats.offer(0, 1);
      const module = `data:text/javascript,${encodeURIComponent(source)}`;
      line.post(
        [
          [DEFINE, 0, module, 'f', 8, 'error'],
          [ENTER, 1, 0, 0, ['an argument'], 'web', 1],
        ],
        [],
      );
    };
    return { heard, line, run };
  };

  afterEach(async () => {
    await Promise.all(lines.splice(0).map((line) => line.terminate()));
  });

  it('should start a thread, which says hello', async () => {
    const { heard } = start();
    await heard.until(() => heard.kinds().includes(HELLO));

    expect(heard.kinds()).toEqual([HELLO]);
    expect(heard.drains).toBeGreaterThan(0);
  });

  it('should carry what is said, both ways', async () => {
    const { heard, run } = start();
    run('export const f = (argument) => [argument, "came"];');
    await heard.until(() => heard.kinds().includes(RESULT));

    expect(heard.messages.at(-1)).toEqual([RESULT, 1, ['an argument', 'came']]);
  });

  it('should move what is to be moved', async () => {
    const { heard, line } = start();
    const bytes = new ArrayBuffer(8);
    line.post([CLOSE], [bytes]);
    await heard.until(() => heard.ends.length > 0);

    expect(bytes.byteLength).toBe(0);
  });

  it('should carry last words, then tell of the end, once, with what was written last', async () => {
    const { heard, run } = start();
    run('export function* f() { yield 1; console.error("the last line"); process.exit(3); }');
    await heard.until(() => heard.ends.length > 0);

    expect(heard.messages).toContainEqual([VALUES, 1, [1]]);
    expect(heard.messages.at(-1)).toEqual([EXITING, 3]);
    expect(heard.ends).toEqual([[3, expect.any(Number), expect.any(String)]]);
  });

  it('should tell what Node says of an end', async () => {
    const { heard, run } = start();
    run(
      'export const f = () => { setTimeout(() => { throw new Error("boom"); }); return new Promise(() => {}); }',
    );
    await heard.until(() => heard.ends.length > 0);

    expect(heard.errors).toEqual([expect.objectContaining({ message: 'boom' })]);
    expect(heard.ends[0]?.[0]).toBe(1);
  });

  it('should resolve when a thread has exited that was asked to', async () => {
    const { heard, line } = start();
    await heard.until(() => heard.kinds().includes(HELLO));
    line.post([CLOSE], []);
    await line.exited();

    expect(heard.ends).toEqual([[0, expect.any(Number), '']]);
  });

  it('should end a thread that never listens, by force and in the end by itself', async () => {
    const { heard, line, run } = start();
    run('export const f = () => { for (;;); };');
    await heard.until(() => heard.kinds().includes(HELLO));
    await line.exited();

    expect(heard.ends).toEqual([[1, expect.any(Number), '']]);
  });

  it('should end a thread at once when it’s told to, and say nothing afterwards', async () => {
    const { heard, line } = start();
    await heard.until(() => heard.kinds().includes(HELLO));
    await line.terminate();
    await line.terminate();
    expect(heard.ends).toHaveLength(1);
    expect(() => {
      line.post([CLOSE], []);
    }).not.toThrow();
  });

  it('should give the thread its environment and its options', async () => {
    const { heard, run } = start({
      env: { MODE: 'test' },
      execArgv: ['--no-warnings'],
      resourceLimits: { maxOldGenerationSizeMb: 64 },
    });
    run('export const f = () => ({ env: { ...process.env }, argv: process.execArgv });');
    await heard.until(() => heard.kinds().some((kind) => kind === RESULT || kind === OVER));

    expect(heard.messages.at(-1)).toEqual([
      RESULT,
      1,
      { env: { MODE: 'test' }, argv: ['--no-warnings'] },
    ]);
  });

  it('should refuse what Node does', () => {
    expect(() => start({ execArgv: ['--no-such-option'] })).toThrow(
      expect.objectContaining({ code: 'ERR_WORKER_INVALID_EXEC_ARGV' }),
    );
  });
});
