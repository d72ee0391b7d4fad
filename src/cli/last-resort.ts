import { types } from 'node:util';
import type { Runner } from '../runner/runner.js';

/** What nobody caught, after everything had stopped or was about to. */
export interface LastResort {
  readonly late: readonly unknown[];
  /** Called with what comes when even that has been read. */
  onLate: (error: unknown) => void;
}

const ORIGINS = ['uncaughtException', 'unhandledRejection'] as const;

type Origin = (typeof ORIGINS)[number];

/**
 * Makes a failing task of whatever is thrown, or rejected, and nobody catches: it's narrated, and the
 * daemon is stopped gracefully instead of dying on the spot. That holds until the process ends.
 *
 * @param source  What tells of it. @default process
 */
export function catchUncaught(
  runner: Pick<Runner, 'adopt'>,
  source: Pick<NodeJS.EventEmitter, 'on'> = process,
): LastResort {
  const late: unknown[] = [];
  const seen = new WeakSet();
  const keep = (error: unknown) => {
    late.push(error);
    lastResort.onLate(error);
  };
  const fail = (name: Origin, error: unknown) => {
    // With --unhandled-rejections=strict Node tells of one as an exception, and then again.
    if (types.isNativeError(error)) {
      if (seen.has(error)) return;
      seen.add(error);
    }
    const { payload, hasThrown } = toPayload(name, error);
    try {
      // One that something else has stopped before it could fail.
      const complete = () => {
        if (!hasThrown()) keep(error);
      };
      // eslint-disable-next-line rxjs-x/no-ignored-error -- that's the runner's
      runner.adopt(payload).subscribe({ complete });
    } catch {
      keep(error);
    }
  };
  for (const name of ORIGINS) {
    source.on(name, (error) => {
      fail(name, error);
    });
  }
  const lastResort: LastResort = { late, onLate: () => undefined };
  return lastResort;
}

/** A payload of this name, not a name that's given: a second one is no duplicate. */
function toPayload(name: Origin, error: unknown) {
  let thrown = false;
  const payload = (): undefined => {
    thrown = true;
    throw error;
  };
  Object.defineProperty(payload, 'name', { value: name });
  return { payload, hasThrown: () => thrown };
}
