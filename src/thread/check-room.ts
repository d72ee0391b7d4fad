import { QueueFullError } from '../errors.js';
import type { ThreadSettings } from './options.js';

/**
 * Refuses what would have to wait behind too many.
 *
 * @param inside  How many have been admitted or wait, and are not over.
 * @throws {@link QueueFullError}
 */
export function checkRoom(inside: number, { size, overlap, maxQueue }: ThreadSettings): void {
  if (inside >= size * overlap + maxQueue) throw new QueueFullError(maxQueue);
}
