import { describe, expect, it } from '@jest/globals';
import { copyBytes, isBulky } from '../../src/thread/bulk.js';

const MANY = 70_000;

const filled = (length = MANY): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, index) => index % 251);

/** What arrives on the other side. */
const move = (values: readonly unknown[]): unknown[] => {
  const copied = copyBytes(values);
  if (!copied) throw new Error('nothing was copied');
  return structuredClone([...copied.values], { transfer: [...copied.list] as never });
};

describe('isBulky', () => {
  it.each([
    ['a long text', 'x'.repeat(65_536), true],
    ['a text that is one shorter', 'x'.repeat(65_535), false],
    ['many bytes', new ArrayBuffer(65_536), true],
    ['one byte less', new ArrayBuffer(65_535), false],
    ['a view of many bytes', new Float64Array(8_192), true],
    ['a number', 65_536, false],
    ['null', null, false],
    ['undefined', undefined, false],
    ['an object with many bytes further down', { bytes: new ArrayBuffer(65_536) }, false],
  ])('should tell %s', (_, value, expected) => {
    expect(isBulky(value)).toBe(expected);
  });
});

describe('copyBytes', () => {
  it.each([
    ['an ArrayBuffer', filled().buffer],
    ['a Uint8Array', filled()],
    ['a part of one', filled().subarray(3, 69_000)],
    ['a Uint8ClampedArray', new Uint8ClampedArray(filled())],
    ['an Int16Array', new Int16Array(filled())],
    ['a Float64Array', new Float64Array(filled())],
    ['a BigInt64Array', new BigInt64Array(filled(MANY * 8).buffer)],
    ['a DataView', new DataView(filled().buffer, 8, 69_000)],
    ['a Buffer', Buffer.from(filled())],
    ['an instance of a subclass', new (class Pixels extends Uint8Array {})(filled())],
  ])('should have %s arrive as a clone of it does', (_, value) => {
    const [arrived] = move([value]) as [typeof value];
    const clone = structuredClone(value);

    expect(arrived).toEqual(clone);
    expect(Object.prototype.toString.call(arrived)).toBe(Object.prototype.toString.call(clone));
    expect(arrived.constructor.name).toBe(clone.constructor.name);
  });

  it('should have a part of a buffer arrive with the whole buffer, as a clone does', () => {
    const [arrived] = move([filled().subarray(3, 69_000)]) as [Uint8Array];

    expect(arrived.byteOffset).toBe(3);
    expect(arrived.buffer.byteLength).toBe(MANY);
  });

  it('should leave the original where it was', () => {
    const original = filled();
    move([original]);

    expect(original).toEqual(filled());
  });

  it('should copy what is there twice once', () => {
    const bytes = filled();
    const [first, buffer] = move([bytes, bytes.buffer]) as [Uint8Array, ArrayBuffer];

    expect(first.buffer).toBe(buffer);
  });

  it('should leave what else there is as it is', () => {
    expect(move(['a', 1, filled(), undefined, null]).toSpliced(2, 1)).toEqual([
      'a',
      1,
      undefined,
      null,
    ]);
  });

  it.each([
    ['there are none', [1, 'a']],
    ['there are few', [new ArrayBuffer(10)]],
    ['a text is long', ['x'.repeat(MANY)]],
    ['they may be in one of the others too', [filled(), {}]],
    ['they are shared', [new SharedArrayBuffer(MANY)]],
    ['they are seen through a view and shared', [new Uint8Array(new SharedArrayBuffer(MANY))]],
    // @ts-expect-error -- newer than the library that is compiled against
    ['they may grow', [new ArrayBuffer(MANY, { maxByteLength: 2 * MANY })]],
    ['they only look like it', [{ byteLength: MANY }]],
  ])('should leave it to be cloned when %s', (_, values) => {
    expect(copyBytes(values)).toBeUndefined();
  });
});
