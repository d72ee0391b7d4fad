import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Tail } from '../../../src/thread/outside/tail.js';

function toTail() {
  const stderr = new PassThrough();
  const tail = new Tail(stderr);
  /** What's written arrives a few turns later. */
  const write = async (...chunks: (string | Buffer)[]) => {
    for (const chunk of chunks) stderr.write(chunk);
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  return { tail, write };
}

describe('Tail', () => {
  it('should have nothing to tell of a thread that has written nothing', () => {
    expect(toTail().tail.lines).toBe('');
  });

  it('should keep the last lines, without the end of the last', async () => {
    const { tail, write } = toTail();
    await write(Array.from({ length: 50 }, (_, i) => `line ${i}\n`).join(''));

    const lines = tail.lines.split('\n');
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([20, 'line 30', 'line 49']);
  });

  it('should keep no more than a few thousand characters of lines that are long', async () => {
    const { tail, write } = toTail();
    await write('x'.repeat(100_000), 'the end');

    expect(tail.lines.length).toBeLessThanOrEqual(4_096);
    expect(tail.lines.endsWith('xxthe end')).toBe(true);
  });

  it('should put together a character that came in two pieces', async () => {
    const { tail, write } = toTail();
    const bytes = Buffer.from('ü!');
    await write(bytes.subarray(0, 1));
    await write(bytes.subarray(1));

    expect(tail.lines).toBe('ü!');
  });
});
