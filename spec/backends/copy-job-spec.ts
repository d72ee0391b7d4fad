import { describe, expect, it } from '@jest/globals';
import { copyJob } from '../../src/backends/copy-job.js';
import type { Job } from '../../src/backends/job.js';

describe('copyJob', () => {
  it('should copy whatever JSON has a word for, and share nothing', () => {
    const job = {
      type: 'mail',
      to: ['a', { b: null }],
      n: -1.5,
      yes: false,
      body: { parts: [[]] },
    };
    const copy = copyJob(job);

    expect(copy).toEqual(job);
    expect(copy.to).not.toBe(job.to);
    expect(copy.to[1]).not.toBe(job.to[1]);
    expect(copy.body.parts[0]).not.toBe(job.body.parts[0]);
  });

  it('should copy a member that is called as the prototype is', () => {
    const text = '{"type":"mail","__proto__":{"admin":true}}';
    const copy = copyJob(JSON.parse(text) as Job);

    expect(JSON.stringify(copy)).toBe(text);
    expect(copy.admin).toBeUndefined();
  });
});
