import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { StreamTarget } from '../../../src/cli/log/target.js';

/** A stream whose reader reads when it's told to. */
function slowStream() {
  const read: string[] = [];
  const waiting: (() => void)[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      read.push(chunk.toString());
      waiting.push(done);
    },
  });
  const readAll = async () => {
    for (let done = waiting.shift(); done; done = waiting.shift()) {
      done();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { stream, read, readAll };
}

describe('StreamTarget', () => {
  it('should write lines with their ends', () => {
    const { stream, read } = slowStream();
    new StreamTarget(stream, String).write('one');

    expect(read).toEqual(['one\n']);
  });

  it('should drop lines when nobody reads, and say how many when somebody does again', async () => {
    const { stream, read, readAll } = slowStream();
    const target = new StreamTarget(stream, (count) => `${count} dropped`);
    const line = 'x'.repeat(1024 * 1024);
    for (let i = 0; i < 40; i++) target.write(line);
    const kept = Math.round(stream.writableLength / line.length);
    await readAll();
    target.write('after');
    target.write('and after');
    await readAll();

    expect(kept).toBeLessThan(20);
    expect(read).toHaveLength(kept + 3);
    expect(read.slice(kept)).toEqual([`${40 - kept} dropped\n`, 'after\n', 'and after\n']);
  });

  it('should keep what is vital, and have said at the end how many lines were dropped', async () => {
    const { stream, read, readAll } = slowStream();
    const target = new StreamTarget(stream, (count) => `${count} dropped`);
    for (let i = 0; i < 20; i++) target.write('x'.repeat(1024 * 1024));
    target.write('failed', true);
    target.write('in vain');
    target.close();
    target.close();
    await readAll();

    expect(read.slice(-3)).toEqual([
      expect.stringMatching(/^\d dropped\n$/),
      'failed\n',
      '1 dropped\n',
    ]);
  });
});
