import { log } from '../log.js';
import { expectAdoption } from '../runner/expect.js';
import type { Runner } from '../runner/runner.js';
import { asap } from '../schedulers/asap-scheduler.js';
import { shared } from '../shared.js';
import type { AdoptOptions, Payload } from '../task/shapes.js';
import { toPayload } from './to-payload.js';

const debug = log('service');

/** Who has been enlisted. A constructor may return the same instance again and again. */
const enlisted = shared('enlisted', () => new WeakSet());

/** Whether something is an instance of a service, which is adopted by itself. */
export const isEnlisted = (value: object): boolean => enlisted.has(value);

/**
 * Has an instance adopted when the code that is running now has come to its end, and with it all
 * constructors of subclasses. Until then the runner waits for it, rather than finding that nothing is left.
 */
export function enlist(
  instance: object,
  runner: Runner,
  payload: Payload,
  options: AdoptOptions,
): void {
  if (enlisted.has(instance)) return;
  enlisted.add(instance);
  const arrived = expectAdoption(runner);
  asap.schedule(() => {
    adopt(runner, payload, options);
    arrived();
  });
}

function adopt(runner: Runner, payload: Payload, options: AdoptOptions): void {
  const { name } = payload as { readonly name: string };
  if (runner.state === 'stopping' || runner.state === 'stopped') {
    debug('"%s" is not adopted: its runner is %s by now', name, runner.state);
    return;
  }
  try {
    runner.adopt(payload, options);
  } catch (error) {
    // Whoever has made the instance is gone: the failure is the runner's.
    runner.adopt(
      toPayload(name, () => {
        throw error;
      }),
    );
  }
}
