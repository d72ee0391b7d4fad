import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InvalidOptionError } from '../errors.js';
import type { Threaded, Unreachable } from './builder.js';
import { type Checks, checkOptions, oneOf } from './check.js';
import { type Overflow, THREADED, type Target, prepareCall } from './threaded-payload.js';

/** How far the exports of a worker module may be ahead of their consumers. */
export interface ThreadedOptions {
  /**
   * How many values a payload may have emitted that have not been consumed. A whole number, 1 or
   * more; 2 or more to drop the oldest. @default 256
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
  const href = toHref(module);
  checkOptions(options, THREADED_CHECKS);
  const { window = 256, overflow = 'error' } = options;
  if (overflow === 'drop-oldest' && window < 2) {
    throw new InvalidOptionError('window', window, "give 2 or more with overflow 'drop-oldest'");
  }
  return new Proxy(Object.create(null) as object, {
    get: (builders: Record<string, unknown>, name) => {
      if (name === THREADED) return 'module';
      if (typeof name === 'symbol' || UNREACHABLE.has(name)) return undefined;
      return (builders[name] ??= toBuilder({
        module: href,
        export: name,
        name: name === 'default' ? fileName(href) : name,
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

function toHref(module: unknown): string {
  if (typeof module === 'string' && isAbsolute(module)) return pathToFileURL(module).href;
  const href = typeof module === 'string' ? module : (module as Partial<URL> | null)?.href;
  if (typeof href === 'string' && /^(file|data):/i.test(href) && URL.canParse(href)) {
    return new URL(href).href;
  }
  throw new InvalidOptionError(
    'module',
    module,
    "give the URL of a file, as in new URL('./work.js', import.meta.url)",
  );
}

/** `work` of `file:///app/work.js`. */
function fileName(href: string): string {
  return /([^/.]+)[^/]*$/.exec(decodeURIComponent(new URL(href).pathname))?.[1] ?? 'task';
}
