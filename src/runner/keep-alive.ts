import { clearInterval, setInterval } from 'node:timers';
import { LONGEST_DELAY } from '../schedulers/alarm.js';

/**
 * Keeps the process alive with one handle, whatever the tasks wait for. It's no matter of time, so it
 * is a timer of Node's own: a virtual one would keep nothing alive, and would have to be waited for.
 *
 * @returns What lets go.
 */
export function keepAlive(): () => void {
  const handle = setInterval(() => undefined, LONGEST_DELAY);
  return () => {
    clearInterval(handle);
  };
}
