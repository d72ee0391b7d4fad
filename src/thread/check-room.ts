import { QueueFullError } from '../errors.js';
import type { ThreadSettings } from './options.js';

/**
 * Refuses what would have to wait behind too many.
 *
 * @param inside  How many have been admitted or wait, and are not over.
 * @throws {@link QueueFullError}
 */
export function checkRoom(inside: number, settings: ThreadSettings): void {
  if (!hasRoom(inside, settings)) throw new QueueFullError(settings.maxQueue);
}

export const hasRoom = (inside: number, { size, overlap, maxQueue }: ThreadSettings): boolean =>
  inside < size * overlap + maxQueue;
