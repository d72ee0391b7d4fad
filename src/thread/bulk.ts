import { types } from 'node:util';
import type { Transferable } from '../task/transfer.js';

/** From how many characters or bytes on it's much. */
const MUCH = 65_536;

/** Whether copying a thing is work: a long text, or many bytes. What is further down in it isn't looked for. */
export const isBulky = (value: unknown): boolean => {
  if (typeof value === 'string') return value.length >= MUCH;
  const { byteLength = 0 } = (value ?? {}) as Partial<ArrayBuffer>;
  return byteLength >= MUCH;
};

/** What is said instead of some values, and what of it is moved. */
export interface Copied {
  readonly values: readonly unknown[];
  readonly list: readonly Transferable[];
}

/**
 * Copies bytes, for the copies to be moved: the other side finds what it would if the values were cloned,
 * at half the price, for that copies twice, through a buffer that grows as it goes.
 *
 * @returns Nothing if there are none that are worth it, or if they might be in one of the others, too.
 */
export function copyBytes(values: readonly unknown[]): Copied | undefined {
  if (!values.some(hasBytes) || !values.every((each) => hasBytes(each) || isPlain(each))) return;
  const copies = new Map<ArrayBuffer, ArrayBuffer>();
  const toCopy = (original: ArrayBuffer) => {
    const copy = copies.get(original) ?? duplicate(original);
    copies.set(original, copy);
    return copy;
  };
  const copied = values.map((each) => (hasBytes(each) ? copyOne(each, toCopy) : each));
  return { values: copied, list: [...copies.values()] };
}

type View = ArrayBufferView<ArrayBuffer>;

/** Bytes, and many, that are nobody else's and don't grow. */
const hasBytes = (value: unknown): value is ArrayBuffer | View => {
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
  return isBulky(value) && types.isArrayBuffer(buffer) && !isResizable(buffer);
};

const isPlain = (value: unknown) => typeof value !== 'object' || value === null;

const isResizable = (buffer: ArrayBuffer) =>
  (buffer as { readonly resizable?: boolean }).resizable === true;

function duplicate(original: ArrayBuffer): ArrayBuffer {
  // Not `slice`, which would write zeroes first.
  const { buffer } = Buffer.allocUnsafeSlow(original.byteLength);
  new Uint8Array(buffer).set(new Uint8Array(original));
  return buffer;
}

/** A subclass becomes what it's a subclass of, as if it were cloned: a Buffer becomes a Uint8Array. */
function copyOne(
  value: ArrayBuffer | View,
  toCopy: (original: ArrayBuffer) => ArrayBuffer,
): unknown {
  if (!ArrayBuffer.isView(value)) return toCopy(value);
  const { buffer, byteOffset, byteLength } = value;
  if (types.isDataView(value)) return new DataView(toCopy(buffer), byteOffset, byteLength);
  const { length, [Symbol.toStringTag]: name } = value as Uint8Array;
  const { [name]: Class } = globalThis as unknown as Record<string, typeof Uint8Array>;
  return Class && new Class(toCopy(buffer), byteOffset, length);
}
