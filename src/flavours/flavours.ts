import { asyncScheduler } from 'rxjs';
import { InvalidOptionError, InvalidPayloadError } from '../errors.js';
import { asap } from '../schedulers/asap-scheduler.js';
import type { Flavour } from '../task/shapes.js';
import { defineFlavour } from './define-flavour.js';

/**
 * The flavours of the main thread, by name (the third, `thread`, is each runner's own: see `Threads`). Both run payloads on the main thread, never two at a time:
 *
 * - `asap`, the default: as a microtask, before I/O; it yields to timers and I/O after a time slice
 * - `async`: as a macrotask, so that I/O and timers get their turn between any two
 */
export const flavours: {
  readonly asap: Required<Flavour>;
  readonly async: Required<Flavour>;
} = Object.freeze({
  asap: defineFlavour('asap', asap),
  async: defineFlavour('async', asyncScheduler),
});

/** Of payloads that `threaded` makes, and of no others. */
export const THREAD = 'thread';

/**
 * Finds the flavour that an option names.
 *
 * @throws {@link InvalidOptionError} for a name that no flavour has, {@link InvalidPayloadError} for
 *   the name of the one that a function or an Observable can't have.
 */
export function toFlavour(flavour: string | Flavour = flavours.asap): Flavour {
  if (typeof flavour !== 'string') return flavour;
  if (Object.hasOwn(flavours, flavour)) return flavours[flavour as keyof typeof flavours];
  if (flavour === THREAD) throw new InvalidPayloadError(CLOSED);
  const known = Object.keys(flavours).map((name) => `'${name}'`);
  throw new InvalidOptionError(
    'flavour',
    flavour,
    `there is no such flavour, take one of ${known.join(', ')}, '${THREAD}' for a payload made by threaded(), or a flavour object from defineFlavour()`,
  );
}

const CLOSED =
  "a function or an Observable can't cross to a thread: export it from a module of its own, make the payload with threaded<typeof import('./work.js')>(new URL('./work.js', import.meta.url)), and leave option \"flavour\" out";
