import { describe, expect, it } from '@jest/globals';
import { SERVICE } from '../../../src/task/is-service.js';
import type { TaskContext } from '../../../src/task/shapes.js';
import { findService } from '../../../src/thread/inside/find-service.js';

const context = { name: 'web' } as TaskContext;

/** A class as `service` makes one, as far as this is concerned. */
const makeService = (name: string) => {
  class Service {
    static readonly [SERVICE] = (): void => undefined;
    readonly #given: unknown[];
    constructor(...given: unknown[]) {
      this.#given = given;
    }
    run(...given: unknown[]) {
      return [name, this.#given, given];
    }
  }
  return Object.defineProperty(Service, 'name', { value: name });
};

const run = (exports: object, name: string, ...args: unknown[]): unknown =>
  findService(exports as Record<string, unknown>, name)?.(...([...args, context] as never[]));

describe('findService', () => {
  it('should construct what it finds with the arguments, and run it with the context', () => {
    expect(run({ Poller: makeService('Poller') }, 'Poller', 1, { b: 2 })).toEqual([
      'Poller',
      [1, { b: 2 }],
      [context],
    ]);
    expect(run({ Poller: makeService('Poller') }, 'Poller')).toEqual(['Poller', [], [context]]);
  });

  it('should construct anew each time', () => {
    const instances = new Set<unknown>();
    class Poller extends makeService('Poller') {
      override run() {
        instances.add(this);
        return [];
      }
    }
    const payload = findService({ Poller }, 'Poller') as (context: TaskContext) => unknown;
    payload(context);
    payload(context);

    expect(instances.size).toBe(2);
  });

  it('should prefer the name of the export, then the name of the class', () => {
    const [Poller, Other] = [makeService('Poller'), makeService('Other')];

    expect(run({ Other, Poller }, 'Poller')).toEqual(['Poller', [], [context]]);
    expect(run({ Poller: Other, Other: Poller }, 'Poller')).toEqual(['Other', [], [context]]);
    expect(run({ Other, Renamed: Poller }, 'Poller')).toEqual(['Poller', [], [context]]);
    expect(run({ Other, default: Poller }, 'Poller')).toEqual(['Poller', [], [context]]);
    expect(run({ Other, default: makeService('') }, '')).toEqual(['', [], [context]]);
  });

  it('should find nothing that is no service, or another one', () => {
    class Poller {
      run() {}
    }
    expect(findService({ Poller }, 'Poller')).toBeUndefined();
    expect(findService({ default: makeService('Other') }, 'Poller')).toBeUndefined();
    expect(findService({ Poller: 1, other: null }, 'Poller')).toBeUndefined();
    expect(findService({}, 'toString')).toBeUndefined();
  });

  it('should look past what is no service by the name of the export', () => {
    class Poller extends Map {}
    expect(run({ Poller, Decorated: makeService('Poller') }, 'Poller')).toEqual([
      'Poller',
      [],
      [context],
    ]);
  });
});
