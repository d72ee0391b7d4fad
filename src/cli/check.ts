import type { CheckCommand } from './arguments.js';

/** `rxvisor check`: loads modules without running anything. */
export function check(_command: CheckCommand): Promise<number> {
  return Promise.resolve(0);
}
