import { type Limits, isLimited } from './limits.js';
import {
  ALONG_INDEXES,
  CLAIMED,
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
  /** Which group had the last turn; '' are those without one. */
  readonly after: string;
  readonly limits: Limits;
  /** How often it has been looked for this claim before. Others may have been faster: so more are looked at. */
  readonly looks: number;
}

/** How many groups are looked at in one statement, at the most: it takes some ms, however many there are. */
const MOST_GROUPS = 100;
/** How many jobs are looked at for each that is claimed: at first, and at the most when others were faster. */
const OVERSAMPLE = 4;
const MOST_OVERSAMPLE = 32;

/**
 * The statements that claim jobs of a queue, with groups in turns: of the highest priority, those of the
 * group that has the fewest running; of several such groups, those of the one whose turn it is; and of
 * these the oldest. Jobs without a group are one more, after the last, which has no limit.
 *
 *   walked   from group to group, once around, without a look at their jobs
 *   urgent   when there are more groups than that: those of the jobs that a plain claim would take
 *   waiting  the first jobs of each group; `turn` is how many of it run when that one has been begun
 *   chosen   the first of all these that nobody else takes in this moment
 *
 * They give a row for each job, or one without any; `isMore` is whether others may wait for the places that
 * are left, and `last` the group after which they may be.
 */
export function claimFairly(schema: string, claim: FairClaim): string {
  const { queue, most, after, limits, looks } = claim;
  const candidates = most * Math.min(OVERSAMPLE * 2 ** looks, MOST_OVERSAMPLE);
  const table = tableIn(schema);
  const name = literal(queue);
  const perGroup = toInt(limits.groupConcurrency);
  const isDue = isDueIn(schema, name);
  const running = (which: string) => runningIn(schema, name, `group_id ${which}`);
  const first = (which: string) => `
    SELECT id, priority, created_on, row_number() OVER (${IN_ORDER}) AS nth FROM ${table}
    WHERE ${isDue} AND group_id ${which} ${IN_ORDER}
    LIMIT (SELECT most FROM share)`;
  return `${ALONG_INDEXES}${isLimited(limits) ? lockFor(schema, queue) : ''}
    WITH RECURSIVE walked (group_id, running, place, is_round) AS (
      SELECT ${literal(after)}, 0, 0, false
      UNION ALL
      SELECT COALESCE(next.group_id, ''), its.running, place + 1, is_round OR next.group_id IS NULL
      FROM walked
      LEFT JOIN LATERAL (SELECT group_id FROM ${table}
        WHERE ${isDue} AND group_id > walked.group_id ORDER BY group_id LIMIT 1) AS next ON true
      CROSS JOIN LATERAL (${running('= next.group_id')}) AS its
      WHERE place < ${MOST_GROUPS} AND (NOT is_round OR next.group_id <= ${literal(after)})
    ), seen AS MATERIALIZED (
      SELECT max(place) = ${MOST_GROUPS} AS is_cut, max(place) AS place,
        max(place) FILTER (WHERE place > 0 AND group_id = '') AS other FROM walked
    ), urgent AS (
      SELECT DISTINCT group_id FROM (
        SELECT group_id FROM ${table} WHERE ${isDue} ${IN_ORDER} LIMIT ${MOST_GROUPS}) AS plain
      WHERE (SELECT is_cut FROM seen) AND group_id IS NOT NULL
        AND group_id NOT IN (SELECT group_id FROM walked WHERE place > 0)
    ), grouped AS (
      SELECT group_id, running, place FROM walked
      WHERE place > 0 AND group_id <> '' AND running < ${perGroup}
      UNION ALL
      SELECT group_id, its.running, seen.place + 1
      FROM urgent CROSS JOIN seen CROSS JOIN LATERAL (${running('= urgent.group_id')}) AS its
    ), share AS MATERIALIZED (
      SELECT ${candidates} / (count(*) + 1) + 1 AS most FROM grouped
    ), waiting AS (
      SELECT id, priority, created_on, nth, running + nth AS turn, place
      FROM grouped CROSS JOIN LATERAL (${first('= grouped.group_id')}) AS job
      WHERE running + nth <= ${perGroup}
      UNION ALL
      SELECT id, priority, created_on, nth, running + nth, COALESCE(seen.other, seen.place + 1)
      FROM (${first('IS NULL')}) AS job, (${running('IS NULL')}) AS its, seen
    ), room AS MATERIALIZED (
      SELECT ${roomIn(schema, name, limits.fleetConcurrency, most)} AS most
    ), chosen AS MATERIALIZED (
      SELECT ARRAY(
        SELECT locked.id
        FROM (SELECT id FROM waiting ORDER BY priority DESC, turn, place, created_on) AS candidate
        CROSS JOIN LATERAL (SELECT id FROM ${table} WHERE ${isDue} AND id = candidate.id
          FOR UPDATE SKIP LOCKED) AS locked
        LIMIT (SELECT most FROM room)) AS ids
    ), claimed AS (
      UPDATE ${table} SET ${toActive(schema, queue)}
      WHERE name = ${name} AND id = ANY ((SELECT ids FROM chosen)::uuid[])
      RETURNING ${CLAIMED},
        array_position((SELECT ids FROM chosen), id) AS nth
    )
    SELECT id, data, "retryCount", "group", "wasLost", size,
      CASE WHEN is_cut THEN (SELECT group_id FROM walked ORDER BY place DESC LIMIT 1) END AS last,
      ${isGroupedIn(schema, waitsIn(name))} AS "isGrouped",
      cardinality(ids) < room.most AND (
        is_cut OR (SELECT max(nth) FROM waiting) >= share.most) AS "isMore"
    FROM seen CROSS JOIN share CROSS JOIN room CROSS JOIN chosen
    LEFT JOIN claimed ON true
    ORDER BY claimed.nth`;
}

/**
 * From here on the transaction is alone with the queue, among those that have limits: what they have
 * claimed is counted by the statement that comes after.
 */
const lockFor = (schema: string, queue: string) => `DO $$ BEGIN
    PERFORM pg_advisory_xact_lock(
      hashtext('rxvisor claims'), hashtext(${literal(`${schema}.${queue}`)}));
  END $$;`;

/** PostgreSQL knows no infinite number of jobs. */
const toInt = (limit: number) => Math.min(limit, 2 ** 31 - 1);
