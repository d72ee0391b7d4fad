import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it, jest } from '@jest/globals';
import { BrokerTaskBackend } from 'rxvisor/broker';
import { testTaskBackend } from 'rxvisor/testing';

jest.setTimeout(60_000);
jest.spyOn(process, 'emitWarning').mockReturnValue();

const folder = mkdtempSync(join(tmpdir(), 'rxvisor-embedded-'));
let queues = 0;

afterAll(() => {
  rmSync(folder, { recursive: true });
});

testTaskBackend(
  // The first one makes the database, the others open it, each with a queue of its own.
  () => new BrokerTaskBackend({ dataDir: join(folder, 'jobs'), queue: `suite-${queues++}` }),
  { name: 'BrokerTaskBackend on an embedded database', describe, it },
);
