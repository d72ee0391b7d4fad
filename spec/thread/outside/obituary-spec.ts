import { describe, expect, it } from '@jest/globals';
import { Obituary } from '../../../src/thread/outside/obituary.js';

const OUT_OF_MEMORY = Object.assign(new Error('Worker terminated'), {
  code: 'ERR_WORKER_OUT_OF_MEMORY',
});
const boom = new Error('boom');

/** Of a thread that was up, and of which this is known besides. */
const cause = (known: Partial<Obituary>) =>
  Object.assign(new Obituary(), { wasUp: true, ...known }).cause;

describe('Obituary', () => {
  it('should say of a thread that has said nothing that it was terminated', () => {
    expect(cause({})).toEqual({ reason: 'terminated' });
  });

  it('should say of a thread that said it would exit that it did', () => {
    expect(cause({ exiting: true })).toEqual({ reason: 'exit' });
  });

  it('should not call that an exit which it was asked for', () => {
    expect(cause({ exiting: true, asked: true })).toEqual({ reason: 'terminated' });
  });

  it.each(['uncaught', 'unhandled-rejection'] as const)(
    'should tell last words, %s, with what it was, rather than what Node says',
    (reason) => {
      const dying = { reason, error: boom };

      expect(cause({ dying, exiting: true, error: { error: new Error('a copy') } })).toEqual({
        reason,
        cause: boom,
      });
    },
  );

  it('should tell what nobody caught though that was undefined', () => {
    const { cause: thrown, ...others } = cause({ dying: { reason: 'uncaught', error: undefined } });

    expect([thrown, others]).toEqual([undefined, { reason: 'uncaught' }]);
  });

  it('should tell what only Node knows of', () => {
    expect(cause({ error: { error: boom } })).toEqual({ reason: 'uncaught', cause: boom });
  });

  it('should tell that it ran out of memory, whatever else it has said', () => {
    const error = { error: OUT_OF_MEMORY };

    expect(cause({ error })).toEqual({ reason: 'out-of-memory', cause: OUT_OF_MEMORY });
    expect(cause({ error, exiting: true }).reason).toBe('out-of-memory');
    expect(cause({ error, timedOut: true }).reason).toBe('out-of-memory');
  });

  it('should tell that it had taken too long to start', () => {
    expect(cause({ timedOut: true })).toEqual({ reason: 'handshake' });
    expect(cause({ timedOut: true, wasUp: false, error: { error: boom } })).toEqual({
      reason: 'handshake',
      cause: boom,
    });
  });

  it.each([null, undefined, 'a string', 0])('should not stumble over %p', (error) => {
    expect(cause({ error: { error } }).reason).toBe('uncaught');
  });
});
