import { describe, expect, it, jest } from '@jest/globals';
import { shared } from '../src/shared.js';

describe('shared', () => {
  it('should make a thing once, and find it from then on', () => {
    const make = jest.fn(() => ({}));
    const thing = shared('spec.thing', make);

    expect(shared('spec.thing', make)).toBe(thing);
    expect(make).toHaveBeenCalledTimes(1);
  });

  it('should make it once though it is nothing', () => {
    const make = jest.fn(() => undefined);
    shared('spec.nothing', make);
    shared('spec.nothing', make);

    expect(make).toHaveBeenCalledTimes(1);
  });

  it('should leave no trace among the names of the globals, and let nobody replace it', () => {
    const names = Object.getOwnPropertyNames(globalThis);
    shared('spec.hidden', () => 1);

    expect(Object.getOwnPropertyNames(globalThis)).toEqual(names);
    expect(Reflect.set(globalThis, Symbol.for('rxvisor.spec.hidden'), 2)).toBe(false);
    expect(shared('spec.hidden', () => 3)).toBe(1);
  });
});
