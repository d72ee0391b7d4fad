import { describe, it, jest } from '@jest/globals';
import { AsyncTaskBackend } from '../../src/backends/async-task-backend.js';
import { SyncTaskBackend } from '../../src/backends/sync-task-backend.js';
import { testTaskBackend } from '../../src/testing/test-task-backend.js';

jest.spyOn(process, 'emitWarning').mockReturnValue();

testTaskBackend(() => new SyncTaskBackend(), { name: 'SyncTaskBackend', describe, it });
testTaskBackend(() => new AsyncTaskBackend(), { name: 'AsyncTaskBackend', describe, it });
testTaskBackend(() => new AsyncTaskBackend({ concurrency: 2 }), {
  name: 'AsyncTaskBackend with a limit',
  describe,
  it,
});
