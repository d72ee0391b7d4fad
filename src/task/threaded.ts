import { isAbsolute, parse } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { InvalidOptionError } from '../errors.js';
import type { Threaded, Unreachable } from './builder.js';
import { type Check, type Checks, checkGiven, checkOptions, oneOf } from './check.js';
import { type Overflow, THREADED, type Target, prepareCall } from './threaded-payload.js';

/** How far ahead without being told. */
export const WINDOW = 1_024;

/** How far the exports of a worker module may be ahead of their consumers. */
export interface ThreadedOptions {
  /**
   * How many values a payload may have emitted that have not been consumed. A whole number, 1 or
   * more; 2 or more to drop the oldest. @default 1_024
   */
  readonly window?: number;
  /**
   * What happens to a value that comes when the window is full: the payload fails with an
   * {@link OverflowError}, the oldest value that waits is dropped, or this one. An iterable isn't
   * pulled then, and so never overflows. @default 'error'
   */
  readonly overflow?: Overflow;
}

/**
 * Makes payloads of the exports of a worker module: they run on worker threads, in parallel.
 *
 *     const work = threaded<typeof import('./work.js')>(new URL('./work.js', import.meta.url));
 *     runner.execute(work.digest(path)).subscribe(…);
 *
 * It builds payloads and does nothing else: the module is loaded by a thread, when the first one runs.
 *
 * @param module  URL of the module, or its absolute path. A relative one would not say relative to what.
 * @throws {@link InvalidOptionError}
 */
export function threaded<M>(module: URL | string, options: ThreadedOptions = {}): Threaded<M> {
  checkGiven('module', module, aModule);
  checkOptions(options, THREADED_CHECKS);
  const url = toURL(module);
  const { window = WINDOW, overflow = 'error' } = options;
  if (overflow === 'drop-oldest' && window < 2) {
    throw new InvalidOptionError('window', window, "give 2 or more with overflow 'drop-oldest'");
  }
  return new Proxy(Object.create(null) as object, {
    get: (builders: Record<string, unknown>, name) => {
      if (name === THREADED) return 'module';
      if (typeof name === 'symbol' || UNREACHABLE.has(name)) return undefined;
      return (builders[name] ??= toBuilder({
        module: url.href,
        export: name,
        name: name === 'default' ? fileName(url) : name,
        window,
        overflow,
      }));
    },
    defineProperty: () => false,
  }) as Threaded<M>;
}

function toBuilder(target: Target): unknown {
  const builder = (...args: unknown[]) => prepareCall(target, args, builder);
  Object.defineProperties(builder, {
    name: { value: target.export },
    [THREADED]: { value: 'builder' },
  });
  return Object.freeze(builder);
}

const THREADED_CHECKS: Checks<ThreadedOptions> = {
  window: {
    accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
    wanted: 'give a whole number, 1 or more',
  },
  overflow: oneOf('error', 'drop-oldest', 'drop-newest'),
};

const UNREACHABLE: ReadonlySet<string> = new Set<Unreachable>(['then', 'toJSON', '@@observable']);

/** @throws for what is no URL, and for one of a file that has no path. */
export function toURL(module: unknown): URL {
  if (typeof module === 'string' && isAbsolute(module)) return pathToFileURL(module);
  // By its shape: a URL may be of another realm.
  const url = new URL(typeof module === 'string' ? module : (module as URL).href);
  if (url.protocol === 'file:') fileURLToPath(url);
  return url;
}

/** A URL, or an absolute path. */
export const aModule: Check = {
  accepts: (value) => {
    try {
      return ['file:', 'data:'].includes(toURL(value).protocol);
    } catch {
      return false;
    }
  },
  wanted: "give the URL of a file, as in new URL('./work.js', import.meta.url)",
};

/** The module's file name, `work` of `file:///app/work.js`. */
const fileName = (url: URL) => (url.protocol === 'file:' ? parse(fileURLToPath(url)).name : 'task');
