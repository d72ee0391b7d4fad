import { deadOf } from '../jobs/dead-of.js';
import { LOST_AT_MOST } from '../jobs/lost-at-most.js';

// What the statements that claim have in common. A `name` is a queue, as they write it.

/**
 * Said before others in the same transaction. Of a queue that has just been filled the planner knows
 * nothing, and would rather sort all of it than walk along an index: 90 ms instead of 1 for 100,000 jobs.
 */
export const ALONG_INDEXES: string = ['seqscan', 'bitmapscan', 'sort']
  .map((way) => `SET LOCAL enable_${way} = off; `)
  .join('');

/** Where pg-boss keeps the jobs of queues that have no table of their own. */
export const tableIn = (schema: string): string => `${schema}.job_common`;

/** The time, as pg-boss has it. */
const nowIn = (schema: string): string => `${schema}.job_now()`;

/** Of those of the same priority, the oldest. */
export const IN_ORDER = 'ORDER BY priority DESC, created_on';

/** Whether a job waits. Said in the words of the indexes. */
export const waitsIn = (name: string): string =>
  `name = ${name} AND state < 'active' AND NOT blocked`;

/** Whether its time has come, too. */
export const isDueIn = (schema: string, name: string): string =>
  `${waitsIn(name)} AND start_after <= ${nowIn(schema)}`;

/** Whether there's a job with a group among those that wait. In order, so that it's one look at an index. */
export const isGroupedIn = (schema: string, waits: string): string =>
  `(SELECT true FROM ${tableIn(schema)} WHERE ${waits} AND group_id IS NOT NULL
    ORDER BY group_id LIMIT 1) IS NOT NULL`;

/** How many run, of some. */
export const runningIn = (schema: string, name: string, which: string): string =>
  `SELECT count(*)::int AS running FROM ${tableIn(schema)}
    WHERE name = ${name} AND state = 'active' AND ${which}`;

/** How many more may run in the fleet, and no more than that. Two indexes know what runs. */
export const roomIn = (schema: string, name: string, limit: number, most: number): string => {
  if (limit === Infinity) return String(most);
  const running = (which: string) => `(${runningIn(schema, name, `group_id ${which}`)})`;
  return `greatest(0, least(${most}, ${limit} - ${running('IS NULL')} - ${running('IS NOT NULL')}))`;
};

/** Whether a job waits whose time has come. */
export const isAnyDueIn = (schema: string, name: string): string =>
  `(SELECT true FROM ${tableIn(schema)} WHERE ${isDueIn(schema, name)} ${IN_ORDER} LIMIT 1) IS NOT NULL`;

/**
 * What becomes of a job that is claimed: one that has been begun before counts an attempt more. One that
 * has come here as a dead letter of another queue knows none of its own.
 */
export const toActive = (schema: string, queue: string): string =>
  `state = 'active', started_on = ${nowIn(schema)}, heartbeat_on = ${nowIn(schema)},
    retry_count = retry_count + (started_on IS NOT NULL)::int,
    dead_letter = COALESCE(dead_letter, ${literal(deadOf(queue))})`;

/** What is said of each that is claimed. */
export const CLAIMED: string = [
  'id, data, retry_count AS "retryCount", group_id AS "group"',
  `retry_limit - retry_count < ${LOST_AT_MOST} AS "wasLost"`,
  'pg_column_size(data) AS size',
].join(', ');

/** A text as a constant, whatever is in it: where several statements go together there are no parameters. */
export const literal = (text: string): string =>
  `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'::text`;
