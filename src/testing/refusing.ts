import assert from 'node:assert/strict';
import { type Cases, hasCode } from './support.js';

/** What is no job. */
export const REFUSING: Cases = {
  'should refuse what is no job, and have nothing of it': async (backend) => {
    backend.setExecutor(() => undefined);
    await backend.initialize();
    const circle: Record<string, unknown> = { type: 'mail' };
    circle.self = [circle];
    const refused = [
      null,
      'mail',
      ['mail'],
      {},
      { type: '' },
      { type: 7 },
      new (class Mail {
        type = 'mail';
      })(),
      { type: 'mail', at: new Date(0) },
      { type: 'mail', n: NaN },
      { type: 'mail', n: 1n },
      { type: 'mail', f: () => 1 },
      { type: 'mail', text: 'a\u0000' },
      circle,
    ];
    for (const job of refused) {
      await assert.rejects(backend.submit(job as never), hasCode('ERR_RXVISOR_INVALID_PAYLOAD'));
    }

    assert.equal(backend.inflight, 0);
  },

  'should refuse options that there are not, and impossible ones': async (backend) => {
    backend.setExecutor(() => undefined);
    await backend.initialize();
    for (const options of [{ retries: 3 }, { maxRestarts: -1 }, { delay: '1s' }]) {
      const submitted = backend.submit({ type: 'mail' }, options as never);
      await assert.rejects(submitted, hasCode('ERR_RXVISOR_INVALID_OPTION'));
    }

    assert.equal(backend.inflight, 0);
  },
};
