import { describe, expect, it } from '@jest/globals';
import { type Message, Parts, toTexts } from '../../../src/broker/talk/messages.js';

const progress = (value: unknown): Message => ({ type: 'progress', id: 'a', values: [value] });

/** What comes out of it, of texts in this order. */
const joined = (texts: readonly string[], parts = new Parts()) =>
  texts.map((text) => parts.join(text)).filter((message) => message !== undefined);

describe('a message', () => {
  it.each([
    ['short', 'x'],
    ['as long as fits, and a little longer', 'x'.repeat(7_900)],
    ['long', 'x'.repeat(100_000)],
    ['of characters that take four bytes', '😀'.repeat(20_000)],
    ['of characters that take six, and seven in a part', '\u0001"\\\ud800'.repeat(10_000)],
  ])('should arrive as it was said, in texts that NOTIFY takes: %s', (_, text) => {
    const message = progress(text);
    const texts = toTexts(message);

    expect(Math.max(...texts.map((each) => Buffer.byteLength(each)))).toBeLessThan(8_000);
    expect(joined(texts)).toEqual([message]);
  });

  it('should be one text if it fits', () => {
    expect(toTexts({ type: 'values', to: 'b' })).toEqual(['{"type":"values","to":"b"}']);
  });

  it('should arrive beside another one, whose parts come between', () => {
    const [a, b] = [progress('a'.repeat(9_000)), progress('b'.repeat(9_000))];
    const [ofA, ofB] = [toTexts(a), toTexts(b)];
    const mixed = ofA.flatMap((text, n) => [text, ofB[n] ?? '']);

    expect(joined(mixed)).toEqual([a, b]);
  });

  it('should not arrive if a part of it is lost, and harm no other', () => {
    const lost = toTexts(progress('a'.repeat(9_000)));
    const whole = progress('b'.repeat(9_000));
    for (const n of lost.keys()) {
      const parts = new Parts();

      expect(
        joined(
          lost.filter((_, index) => index !== n),
          parts,
        ),
      ).toEqual([]);
      expect(joined(toTexts(whole), parts)).toEqual([whole]);
    }
  });
});
