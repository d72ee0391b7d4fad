import { tableIn } from '../claims/sql.js';
import type { Claimed } from './stored-job.js';
import type { Place } from './tables.js';

/**
 * Says of attempts that they're complete: of those that this process still has.
 *
 * Not pg-boss's `complete`, which has each id sent twice and sent back, and asks for the queue first.
 */
export async function complete(place: Place, claimed: readonly Claimed[]): Promise<void> {
  // Nearly all are first attempts, and need not be told from others of the same job.
  const isFirst = ({ retryCount }: Claimed) => retryCount === 0;
  await write(place, claimed.filter(isFirst), 'retry_count = 0');
  const others = claimed.filter((each) => !isFirst(each));
  const attempts = others.map(({ id, retryCount }) => `(${id},${retryCount})`);
  await write(place, others, 'ROW(id, retry_count)::text = ANY ($3::text[])', attempts);
}

async function write(
  { database, schema, queue }: Place,
  claimed: readonly Claimed[],
  isHeld: string,
  attempts?: readonly string[],
): Promise<void> {
  if (claimed.length === 0) return;
  const ids = claimed.map(({ id }) => id);
  await database.executeSql(
    `UPDATE ${tableIn(schema)} SET state = 'completed', completed_on = ${schema}.job_now(), output = NULL
     WHERE name = $1 AND id = ANY ($2::uuid[]) AND ${isHeld} AND state = 'active'`,
    [queue, ids, ...(attempts ? [attempts] : [])],
  );
}
