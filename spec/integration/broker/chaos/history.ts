import { type Client, connect } from '../fleet.js';
import type { Change } from './model.js';

/** Has the database write down each change of a job, in the transaction that makes it. */
export async function keepHistory(connectionString: string): Promise<void> {
  const client = await connect(connectionString);
  await client.query(`
    CREATE SCHEMA chaos;
    CREATE TABLE chaos.change (
      seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      queue text, id uuid, n int, key text, in_group text, state text, retry_count int, is_begun boolean);
    CREATE FUNCTION chaos.keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO chaos.change (queue, id, n, key, in_group, state, retry_count, is_begun) VALUES
        (NEW.name, NEW.id, (NEW.data->'job'->>'n')::int, NEW.singleton_key, NEW.data->'job'->>'group', NEW.state,
          NEW.retry_count, NEW.started_on IS NOT NULL);
      RETURN NULL;
    END $$;
    CREATE TRIGGER kept_new AFTER INSERT ON rxvisor.job FOR EACH ROW EXECUTE FUNCTION chaos.keep();
    CREATE TRIGGER kept AFTER UPDATE ON rxvisor.job FOR EACH ROW
      WHEN (OLD.state <> NEW.state OR OLD.retry_count <> NEW.retry_count)
      EXECUTE FUNCTION chaos.keep();`);
  await client.end();
}

export async function readHistory(client: Client, queue: string): Promise<Change[]> {
  const { rows } = await client.query(
    `SELECT id::text, n, key, in_group AS "group", state, retry_count AS "retryCount", is_begun AS "isBegun"
     FROM chaos.change WHERE queue = $1 ORDER BY seq`,
    [queue],
  );
  return rows as unknown as Change[];
}
