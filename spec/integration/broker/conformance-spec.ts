import { afterAll, beforeAll, describe, it, jest } from '@jest/globals';
import { BrokerTaskBackend } from 'rxvisor/broker';
import { testTaskBackend } from 'rxvisor/testing';
import { type Postgres, startPostgres } from '../../support/postgres.js';

jest.setTimeout(60_000);
jest.spyOn(process, 'emitWarning').mockReturnValue();

let postgres: Postgres;
let queues = 0;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(async () => {
  await postgres.stop();
});

testTaskBackend(
  () => new BrokerTaskBackend({ connectionString: postgres.url, queue: `suite-${queues++}` }),
  { name: 'BrokerTaskBackend on PostgreSQL', describe, it },
);
