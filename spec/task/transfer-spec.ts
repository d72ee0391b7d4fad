import { open } from 'node:fs/promises';
import { runInNewContext } from 'node:vm';
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from '@jest/globals';
import { InvalidOptionError } from '../../src/errors.js';
import { type Transferable, isTransfer, transfer, unwrap } from '../../src/task/transfer.js';

const buffer = new ArrayBuffer(8);

describe('transfer', () => {
  it('should mark a value, which stays the very same', () => {
    const value = { pixels: new Uint8Array(buffer) };

    const marked = transfer(value, [buffer]);

    expect(isTransfer(marked)).toBe(true);
    expect(marked.value).toBe(value);
    expect(marked.list).toEqual([buffer]);
    expect(marked.list[0]).toBe(buffer);
    expect(buffer.byteLength).toBe(8);
  });

  it('should not see what becomes of the list later', () => {
    const list: Transferable[] = [buffer];
    const marked = transfer(1, list);

    list.push(new ArrayBuffer(1));

    expect(marked.list).toHaveLength(1);
    expect(Object.isFrozen(marked)).toBe(true);
    expect(Object.isFrozen(marked.list)).toBe(true);
  });

  it('should take an empty list: nothing is moved', () => {
    expect(transfer(1, []).list).toEqual([]);
  });

  it('should move whatever Node can move', async () => {
    const { port1, port2 } = new MessageChannel();
    await using file = await open(import.meta.filename);
    const { readable, writable } = new TransformStream();
    const list = [
      port1,
      file,
      readable,
      writable,
      new TransformStream(),
      AbortSignal.abort(),
      runInNewContext('new ArrayBuffer(1)') as ArrayBuffer,
    ];

    expect(transfer(1, list).list).toEqual(list);
    port2.close();
  });

  it.each([
    ['a view, whose buffer it is that moves', [new Uint8Array(1)]],
    ['a Buffer', [Buffer.alloc(1)]],
    ['a DataView', [new DataView(buffer)]],
    ['shared memory, which both have already', [new SharedArrayBuffer(1)]],
    ['an object', [{}]],
    ['an object without a prototype', [Object.create(null)]],
    ['an array', [[buffer]]],
    ['nothing', [undefined]],
    ['null', [null]],
    ['a text', ['MessagePort']],
    ['a function', [() => 1]],
    ['one of them behind another', [buffer, 1]],
  ])('should refuse to move %s', (_title, list) => {
    const marking = () => transfer(1, list as unknown as Transferable[]);

    expect(marking).toThrow(InvalidOptionError);
    expect(marking).toThrow(expect.objectContaining({ option: 'list', value: list }));
    expect(marking).toThrow('the buffer, not its view');
  });

  it.each([[buffer], [undefined], [{ 0: buffer, length: 1 }], [new Set([buffer])]])(
    'should refuse a list that is none: %p',
    (list) => {
      expect(() => transfer(1, list as never)).toThrow(expect.objectContaining({ option: 'list' }));
    },
  );
});

describe('isTransfer', () => {
  it('should tell a mark of another copy of the package', () => {
    const foreign = { [Symbol.for('rxvisor.transfer')]: true, value: 1, list: [] };

    expect(isTransfer(foreign)).toBe(true);
  });

  it.each([undefined, null, 1, 'a', {}, { value: 1, list: [] }, () => 1, [buffer], buffer])(
    'should see none in %p',
    (value) => {
      expect(isTransfer(value)).toBe(false);
    },
  );
});

describe('unwrap', () => {
  it('should give the value itself, and add what is moved', () => {
    const other = new ArrayBuffer(1);
    const into: Transferable[] = [];

    expect(unwrap(transfer('a', [buffer]), into)).toBe('a');
    expect(unwrap(transfer(undefined, [other]), into)).toBeUndefined();
    expect(into).toEqual([buffer, other]);
  });

  it('should give anything else as it is', () => {
    const into: Transferable[] = [];
    const values = [undefined, null, 1, { value: 1, list: [buffer] }, [transfer(1, [buffer])]];

    expect(values.map((value) => unwrap(value, into))).toEqual(values);
    expect(into).toEqual([]);
  });

  it('should make two values of a port that can be posted', () => {
    const { port1, port2 } = new MessageChannel();
    const bytes = new Uint8Array([1, 2, 3]);
    const into: Transferable[] = [];

    port1.postMessage(unwrap(transfer(bytes, [bytes.buffer]), into), into as never);

    expect(bytes.byteLength).toBe(0);
    port1.close();
    port2.close();
  });
});
