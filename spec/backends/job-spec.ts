import { describe, expect, it } from '@jest/globals';
import { runInNewContext } from 'node:vm';
import { LONGEST, toJob } from '../../src/backends/job.js';
import { InvalidPayloadError } from '../../src/errors.js';

const refusal = (job: unknown): string => {
  try {
    toJob(job as never);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidPayloadError);
    return (error as Error).message;
  }
  throw new Error('it was not refused');
};

describe('toJob', () => {
  it('should copy a job, of which nothing is lost', () => {
    const job = { type: 'mail', to: ['a', { b: null }], n: -1.5, yes: false, text: '“é” \n ⛵' };
    const copy = toJob(job);

    expect(copy).toEqual(job);
    expect(copy).not.toBe(job);
    expect(copy.to).not.toBe(job.to);
  });

  it('should leave out what is undefined, as JSON does', () => {
    expect(Object.keys(toJob({ type: 'mail', to: undefined }))).toEqual(['type']);
  });

  it('should take a plain object of another realm, or without a prototype', () => {
    const foreign = runInNewContext('({ type: "mail", to: [{ n: 1 }] })') as { type: string };
    const bare = Object.assign(Object.create(null) as object, { type: 'mail' });

    expect(toJob(foreign)).toEqual({ type: 'mail', to: [{ n: 1 }] });
    expect(toJob(bare)).toEqual({ type: 'mail' });
  });

  it('should take what is there twice without being inside itself', () => {
    const address = { city: 'Graz' };

    expect(toJob({ type: 'mail', from: address, to: [address, address] })).toEqual({
      type: 'mail',
      from: address,
      to: [address, address],
    });
  });

  it.each([
    ['null', null, 'a job is null: give a plain object'],
    ['a string', 'mail', "a job is 'mail': give a plain object"],
    ['an array', ['mail'], "a job is [ 'mail' ]: give a plain object"],
    ['an instance', new Map([['type', 'mail']]), 'give a plain object'],
    ['no type', { kind: 'mail' }, '"type" of a job is undefined: give it a type'],
    ['an empty type', { type: '' }, '"type" of a job is \'\': give it a type'],
    ['a type that is no string', { type: 1 }, '"type" of a job is 1'],
    ['a Date', { type: 'mail', at: { due: new Date(0) } }, '"at.due" of a job is'],
    ['a function', { type: 'mail', done: () => 1 }, '"done" of a job is [Function: done]'],
    ['a symbol', { type: 'mail', tag: Symbol('a') }, '"tag" of a job is Symbol(a)'],
    ['a bigint', { type: 'mail', n: [0, 1n] }, '"n.1" of a job is 1n'],
    ['NaN', { type: 'mail', n: NaN }, '"n" of a job is NaN: give a finite number'],
    ['infinity', { type: 'mail', n: -Infinity }, '"n" of a job is -Infinity'],
    ['bytes', { type: 'mail', bytes: new Uint8Array(1) }, '"bytes" of a job is Uint8Array(1)'],
    ['the character 0', { type: 'mail', text: 'a\u0000' }, '"text" of a job is'],
    ['half a surrogate pair', { type: 'mail', text: '\ud800' }, 'half of a surrogate pair'],
    ['the character 0 in a key', { type: 'mail', body: { '\u0000': 1 } }, '"body" of a job is'],
  ])('should refuse %s, and say what is wrong where', (_, job, message) => {
    expect(refusal(job)).toContain(message);
  });

  it('should refuse what is inside itself', () => {
    const job: Record<string, unknown> = { type: 'mail' };
    job.body = { parts: [job] };

    expect(refusal(job)).toContain('"body.parts.0" of a job');
    expect(refusal(job)).toContain('inside itself');
  });

  it('should refuse what is too long, and say how long it is', () => {
    const around = JSON.stringify({ type: 'mail', text: '' }).length;
    const fitting = { type: 'mail', text: 'x'.repeat(LONGEST - around) };

    expect(toJob(fitting)).toEqual(fitting);
    expect(refusal({ ...fitting, text: `${fitting.text}x` })).toBe(
      'job "mail" is 1048577 characters long as JSON, and 1048576 is the most: store what is large, and send where it is',
    );
  });
});
