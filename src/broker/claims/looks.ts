import type { Limits } from './limits.js';
import { ALONG_INDEXES, isAnyDueIn, isGroupedIn, literal, roomIn, waitsIn } from './sql.js';

// What is asked beside a claim.

/** Whether there's room in the fleet, and a job for it. */
export function lookForRoom(schema: string, queue: string, { fleetConcurrency }: Limits): string {
  const name = literal(queue);
  const isRoom = `${roomIn(schema, name, fleetConcurrency, 1)} > 0`;
  return `${ALONG_INDEXES}SELECT ${isRoom} AND ${isAnyDueIn(schema, name)} AS "is"`;
}

/** Whether a job with a group waits. */
export const lookForGroups = (schema: string, queue: string): string =>
  `${ALONG_INDEXES}SELECT ${isGroupedIn(schema, waitsIn(literal(queue)))} AS "is"`;

/** Tells those who claim that there's room, if a job waits for it. */
export const tellOfRoom = (schema: string, queue: string, channel: string): string =>
  `${ALONG_INDEXES}SELECT pg_notify(${literal(channel)}, ${literal(queue)})
    WHERE ${isAnyDueIn(schema, literal(queue))}`;
