import assert from 'node:assert/strict';
import { type Cases, Gate, hasCode, until } from './support.js';

/** How a backend ends. */
export const ENDING: Cases = {
  'should have a job that has begun done before it has shut down, teardown included': async (
    backend,
  ) => {
    const gate = new Gate();
    const course: string[] = [];
    backend.setExecutor(async (_, { onTeardown }) => {
      onTeardown(async () => {
        await Promise.resolve();
        course.push('torn down');
      });
      course.push('begun');
      await gate.opened;
      course.push('done');
    });
    await backend.initialize();
    const submitted = backend.submit({ type: 'mail' });
    await until(() => course.includes('begun'));
    const closed = backend.shutdown();
    gate.open();

    assert.deepEqual(await closed, { unfinished: [] });
    assert.deepEqual(course, ['begun', 'done', 'torn down']);
    await submitted;
  },

  'should lose no job that is submitted while it shuts down: it’s done, or kept, or refused':
    async (backend) => {
      const gate = new Gate();
      const course: string[] = [];
      backend.setExecutor(async ({ type }) => {
        course.push(type);
        await gate.opened;
        if (type === 'inner') return;
        await backend.submit({ type: 'inner' });
        course.push('submitted');
      });
      await backend.initialize();
      const submitted = backend.submit({ type: 'outer' });
      await until(() => course.includes('outer'));
      const closed = backend.shutdown();
      gate.open();

      assert.deepEqual(await closed, { unfinished: [] });
      assert.ok(course.includes('submitted'));
      await submitted;
    },

  'should refuse a job when it has shut down, and be shut down any number of times': async (
    backend,
  ) => {
    backend.setExecutor(() => undefined);
    await backend.initialize();
    await Promise.all([backend.shutdown(), backend.shutdown()]);
    await assert.rejects(backend.submit({ type: 'mail' }), hasCode('ERR_RXVISOR_BACKEND_CLOSED'));

    assert.deepEqual(await backend.shutdown(), { unfinished: [] });
    assert.equal(backend.inflight, 0);
  },

  'should be shut down though it was never initialized': async (backend) => {
    assert.deepEqual(await backend.shutdown(), { unfinished: [] });
  },
};
