import type { Limits } from './limits.js';
import {
  IN_ORDER,
  isDueIn,
  isGroupedIn,
  literal,
  roomIn,
  runningIn,
  tableIn,
  toActive,
  waitsIn,
} from './sql.js';

/** What is asked for. */
export interface FairClaim {
  readonly queue: string;
  /** How many jobs, at the most. */
  readonly most: number;
  /** After which group it goes on; '' is before all of them. */
  readonly after: string;
  readonly limits: Limits;
}

/** How many groups are looked at in one statement, at the most: it takes some ms, however many there are. */
const MOST_GROUPS = 100;
/** How many jobs are looked at for each that is claimed, at the most: others may be faster. */
const OVERSAMPLE = 4;

/**
 * The statement that claims jobs of a queue, with groups in turns: of the highest priority, those of the
 * group that has the fewest running, and of these the oldest. Jobs without a group are one more, which has
 * no limit.
 *
 *   walked   from group to group, in the order of their names, without a look at their jobs
 *   urgent   when there are more groups than that: those of the jobs that a plain claim would take
 *   waiting  the first jobs of each group; `turn` is how many of it run when that one has been begun
 *   chosen   the first of all these that nobody else takes in this moment
 *
 * It gives a row for each job, or one without any; `isMore` is whether others may wait for the places that
 * are left, and `last` the group after which they may be.
 */
export function claimFairly(schema: string, { queue, most, after, limits }: FairClaim): string {
  const table = tableIn(schema);
  const name = literal(queue);
  const perGroup = toInt(limits.groupConcurrency);
  const waits = waitsIn(name);
  const isDue = isDueIn(schema, name);
  const running = (which: string) => runningIn(schema, name, `group_id ${which}`);
  const first = (which: string) => `
    SELECT id, priority, created_on, row_number() OVER (${IN_ORDER}) AS nth FROM ${table}
    WHERE ${isDue} AND group_id ${which} ${IN_ORDER}
    LIMIT (SELECT most FROM share)`;
  return `
    WITH RECURSIVE walked (group_id, running, n) AS (
      SELECT ${literal(after)}, 0, 0
      UNION ALL
      SELECT next.group_id, its.running, n + (its.running < ${perGroup})::int
      FROM walked
      CROSS JOIN LATERAL (SELECT group_id FROM ${table}
        WHERE ${isDue} AND group_id > walked.group_id ORDER BY group_id LIMIT 1) AS next
      CROSS JOIN LATERAL (${running('= next.group_id')}) AS its
      WHERE n < ${MOST_GROUPS}
    ), urgent AS (
      SELECT DISTINCT group_id FROM (
        SELECT group_id FROM ${table} WHERE ${isDue} ${IN_ORDER} LIMIT ${MOST_GROUPS}) AS plain
      WHERE group_id IS NOT NULL AND (SELECT max(n) FROM walked) = ${MOST_GROUPS}
    ), grouped AS (
      SELECT group_id, running FROM walked WHERE n > 0 AND running < ${perGroup}
      UNION
      SELECT group_id, running FROM urgent CROSS JOIN LATERAL (${running('= urgent.group_id')}) AS its
    ), share AS MATERIALIZED (
      SELECT ${OVERSAMPLE * most} / (count(*) + 1) + 1 AS most FROM grouped
    ), waiting AS (
      SELECT id, priority, created_on, nth, running + nth AS turn
      FROM grouped CROSS JOIN LATERAL (${first('= grouped.group_id')}) AS job
      WHERE running + nth <= ${perGroup}
      UNION ALL
      SELECT id, priority, created_on, nth, running + nth
      FROM (${first('IS NULL')}) AS job, (${running('IS NULL')}) AS its
    ), room AS MATERIALIZED (
      SELECT ${roomIn(schema, name, limits.fleetConcurrency, most)} AS most
    ), chosen AS MATERIALIZED (
      SELECT ARRAY(
        SELECT locked.id
        FROM (SELECT id FROM waiting ORDER BY priority DESC, turn, created_on) AS candidate
        CROSS JOIN LATERAL (SELECT id FROM ${table} WHERE ${isDue} AND id = candidate.id
          FOR UPDATE SKIP LOCKED) AS locked
        LIMIT (SELECT most FROM room)) AS ids
    ), claimed AS (
      UPDATE ${table} SET ${toActive(schema)}
      WHERE name = ${name} AND id = ANY ((SELECT ids FROM chosen)::uuid[])
      RETURNING id, data, retry_count AS "retryCount", array_position((SELECT ids FROM chosen), id) AS nth
    ), seen AS (
      SELECT count(*) AS count, max(nth) AS nth FROM waiting
    ), said AS (
      SELECT (SELECT max(group_id) FROM walked HAVING max(n) = ${MOST_GROUPS}) AS last,
        ${isGroupedIn(schema, waits)} AS "isGrouped"
    )
    SELECT id, data, "retryCount", said.*, cardinality(ids) < room.most AND (
      seen.count > cardinality(ids) OR seen.nth >= share.most OR last IS NOT NULL OR ${after !== ''}
    ) AS "isMore"
    FROM said CROSS JOIN seen CROSS JOIN share CROSS JOIN room CROSS JOIN chosen
    LEFT JOIN claimed ON true
    ORDER BY claimed.nth`;
}

/** PostgreSQL knows no infinite number of jobs. */
const toInt = (limit: number) => Math.min(limit, 2 ** 31 - 1);
