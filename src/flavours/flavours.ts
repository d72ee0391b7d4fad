import { asyncScheduler } from 'rxjs';
import { InvalidOptionError } from '../errors.js';
import { asap } from '../schedulers/asap-scheduler.js';
import type { Flavour } from '../task/shapes.js';
import { defineFlavour } from './define-flavour.js';

/**
 * The built-in flavours, by name. Both run payloads on the main thread, never two at a time:
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

/**
 * Finds the flavour that an option names.
 *
 * @throws {@link InvalidOptionError} for a name that no flavour has.
 */
export function toFlavour(flavour: string | Flavour = flavours.asap): Flavour {
  if (typeof flavour !== 'string') return flavour;
  if (Object.hasOwn(flavours, flavour)) return flavours[flavour as keyof typeof flavours];
  const known = Object.keys(flavours).map((name) => `'${name}'`);
  throw new InvalidOptionError(
    'flavour',
    flavour,
    `there is no such flavour, take one of ${known.join(', ')}, or a flavour object from defineFlavour()`,
  );
}
