import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { flush } from '../../src/cli/flush.js';

const slow = (written: string[]) =>
  new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      setImmediate(() => {
        written.push(chunk.toString());
        done();
      });
    },
  });

describe('flush', () => {
  it('should wait until everything has been written', async () => {
    const [one, two]: [string[], string[]] = [[], []];
    const streams = [slow(one), slow(two)];
    for (const stream of streams) for (const text of ['a', 'b', 'c']) stream.write(text);
    await flush(streams);

    expect([one.join(''), two.join('')]).toEqual(['abc', 'abc']);
  });

  it('should wait for nobody who has gone', async () => {
    const broken = new Writable({
      write: (_chunk, _encoding, done) => {
        setImmediate(() => done(new Error('EPIPE')));
      },
    });
    broken.on('error', () => undefined);
    broken.write('lost');
    const destroyed = slow([]);
    destroyed.write('lost');
    destroyed.destroy();

    await expect(flush([broken, destroyed, slow([])])).resolves.toBeUndefined();
  });
});
