import { types } from 'node:util';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import {
  CancelledError,
  OrphanedValueError,
  RxvisorError,
  StopRestarting,
} from '../../src/errors.js';
import { peek, show } from '../../src/show.js';
import { type EncodedError, decodeError, encodeError } from '../../src/thread/error-codec.js';
import { search } from '../properties/search.js';
import { toSettings } from '../properties/settings.js';

const settings = toSettings();
const { seed } = settings;
const cases = Math.ceil(settings.cases / 25);

class Mine extends RangeError {
  override name = 'Mine';
}

class Named extends Error {
  override get name() {
    return 'Named';
  }
}

/** It's cloned as plain data if all that it holds can be, and else told in words. */
class Instance {
  readonly x = 1;
}

/** What can be in a graph. Each is made empty, since it may lead to itself. */
const MAKERS = {
  Error: () => new Error('a'),
  TypeError: () => new TypeError('b'),
  AggregateError: () => new AggregateError([], 'c'),
  DOMException: () => new DOMException('d', 'AbortError'),
  StopRestarting: () => new StopRestarting(),
  CancelledError: () => new CancelledError('e', { type: 'stop' }),
  OrphanedValueError: () => new OrphanedValueError('f', -0),
  Mine: () => new Mine('g'),
  Named: () => new Named('h'),
  Instance: () => new Instance(),
  object: () => ({}),
  array: () => [],
  map: () => new Map(),
  set: () => new Set(),
} satisfies Record<string, () => object>;

const LEAVES: readonly unknown[] = [
  ...[undefined, null, -0, NaN, '', 'text', 5n, true],
  ...[new Date(5), /a/g, new Uint8Array([1, 2]), Object(5) as unknown],
  ...[() => 1, Symbol('s'), Promise.resolve(1), new Proxy({ a: 1 }, {})],
];

/** A thing of a graph, and what it leads to by number: leaves are those below zero. */
interface Drawn {
  readonly make: keyof typeof MAKERS;
  readonly members: readonly {
    readonly key: string;
    readonly to: number;
    readonly how: 'shown' | 'hidden' | 'getter';
  }[];
  readonly isFrozen: boolean;
}

const KEYS = ['cause', 'errors', 'code', 'name', '0', '7', 'a', 'b', '__proto__'];

const toThing = (size: number): fc.Arbitrary<Drawn> =>
  fc.record({
    make: fc.constantFrom(...(Object.keys(MAKERS) as Drawn['make'][])),
    members: fc.array(
      fc.record({
        key: fc.constantFrom(...KEYS),
        to: fc.oneof(fc.nat(size - 1), fc.integer({ min: -LEAVES.length, max: -1 })),
        how: fc.constantFrom('shown', 'shown', 'hidden', 'getter'),
      }),
      { maxLength: 5 },
    ),
    isFrozen: fc.boolean(),
  });

const graphs = fc
  .integer({ min: 1, max: 10 })
  .chain((size) => fc.array(toThing(size), { minLength: size, maxLength: size }));

function build(drawn: readonly Drawn[]): unknown {
  const things: object[] = drawn.map(({ make }) => MAKERS[make]());
  const at = (to: number) => (to < 0 ? LEAVES[-to - 1] : things[to]);
  drawn.forEach(({ members }, n) => {
    for (const { key, to, how } of members) addTo(things[n] ?? {}, key, at(to), how);
  });
  things.forEach((thing, n) => drawn[n]?.isFrozen && Object.freeze(thing));
  return things[0];
}

function addTo(thing: object, key: string, value: unknown, how: string): void {
  // Ours are known by their codes.
  if (key === 'code' && thing instanceof RxvisorError) return;
  if (types.isMap(thing)) thing.set(how === 'getter' ? value : key, value);
  else if (types.isSet(thing)) thing.add(value);
  else {
    const field = how === 'getter' ? { get: () => value } : { value, writable: true };
    const enumerable = how !== 'hidden';
    Object.defineProperty(thing, key, { ...field, enumerable, configurable: true });
  }
}

/** To another thread and back, by both ways that there are. */
const WAYS = {
  structuredClone: (encoded: EncodedError) => structuredClone(encoded),
  'a port': (encoded: EncodedError) => {
    const { port1, port2 } = new MessageChannel();
    port1.postMessage(encoded);
    const received = receiveMessageOnPort(port2) as { message: EncodedError };
    port1.close();
    return received.message;
  },
};

const findDifferences = (thrown: unknown): string[] =>
  Object.entries(WAYS).flatMap(([name, way]) =>
    findDifference(thrown, decodeError(way(encodeError(thrown)))).map((each) => `${name}: ${each}`),
  );

/** Walks side by side and says the first difference. Each thing has to have one counterpart, and no other. */
function findDifference(thrown: unknown, crossed: unknown): string[] {
  const there = new Map<unknown, unknown>();
  const back = new Map<unknown, unknown>();
  const pairs: [unknown, unknown, string][] = [[thrown, crossed, 'it']];
  for (const [before, after, path] of pairs) {
    const expected = toExpected(before);
    if (typeof expected !== 'object' || expected === null) {
      if (Object.is(expected, after)) continue;
      return [`${path} is ${show(after)} and was ${show(before)}`];
    }
    if (there.has(before) || back.has(after)) {
      if (there.get(before) === after && back.get(after) === before) continue;
      return [`${path} is another thing than it was`];
    }
    there.set(before, after);
    back.set(after, before);
    if (typeof after !== 'object' || after === null) return [`${path} is ${show(after)}`];
    const [kind, ...members] = lookAt(expected);
    const [otherKind, ...others] = lookAt(after);
    if (kind !== otherKind || members.length !== others.length) {
      return [`${path} is ${String(otherKind)} of ${others.length}, was ${String(kind)}`];
    }
    members.forEach((member, n) => pairs.push([member, others[n], `${path}.${n}`]));
  }
  return [];
}

function toExpected(value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') return show(value);
  if (types.isPromise(value) || types.isProxy(value)) return show(value);
  return value instanceof Instance && !canBeCloned(value) ? show(value) : value;
}

function canBeCloned(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

const CLASSES = [
  ...[CancelledError, OrphanedValueError, StopRestarting],
  ...[AggregateError, DOMException, TypeError, RangeError, Error],
];

const STANDARD = ['name', 'message', 'stack', 'code', 'cause', 'errors'];

/** What kind of thing it is, and all that it leads to. */
function lookAt(thing: object): unknown[] {
  const keys = Object.keys(thing);
  const ofError = CLASSES.find((each) => thing instanceof each);
  if (ofError) {
    const own = Object.getOwnPropertyNames(thing).filter((key) => !STANDARD.includes(key));
    return [
      `${ofError.name}, native: ${types.isNativeError(thing)}, ${keys.sort().join()}`,
      // A stack that can't be read, since the name is the error, is none.
      ...STANDARD.flatMap((key) => [key === 'stack' || key in thing, peek(thing, key)]),
      ...own.sort().flatMap((key) => [key, peek(thing, key)]),
    ];
  }
  if (types.isMap(thing)) return ['Map', ...[...thing].flat()];
  if (types.isSet(thing)) return ['Set', ...thing];
  const kind = Object.prototype.toString.call(thing);
  if (types.isDate(thing) || types.isBoxedPrimitive(thing)) return [kind, thing.valueOf()];
  if (types.isRegExp(thing)) return [kind, String(thing)];
  const length = Array.isArray(thing) ? thing.length : 0;
  return [`${kind} ${length}`, ...keys.flatMap((key) => [key, peek(thing, key)])];
}

const anything = fc.anything({
  ...{ withBigInt: true, withBoxedValues: true, withDate: true, withMap: true, withSet: true },
  ...{ withNullPrototype: true, withSparseArray: true, withTypedArray: true },
});

const TRAPS = ['get', 'getOwnPropertyDescriptor', 'getPrototypeOf', 'has', 'ownKeys'] as const;

/** Something that throws as soon as it has been touched a few times. */
interface Hostile {
  readonly make: Drawn['make'] | 'function';
  readonly traps: readonly (typeof TRAPS)[number][];
  readonly patience: number;
  readonly throws: unknown;
}

const hostile: fc.Arbitrary<Hostile> = fc.record({
  make: fc.constantFrom(...(Object.keys(MAKERS) as Drawn['make'][]), 'function' as const),
  traps: fc.subarray([...TRAPS]),
  patience: fc.nat(20),
  throws: fc.constantFrom(undefined, null, 'no', new Error('no')),
});

function buildHostile({ make, traps, patience, throws }: Hostile): unknown {
  let touched = 0;
  const trap =
    (name: (typeof TRAPS)[number]) =>
    (...args: never[]): unknown => {
      if (touched++ >= patience) throw throws;
      return (Reflect[name] as (...args: never[]) => unknown)(...args);
    };
  const target = make === 'function' ? () => 1 : MAKERS[make]();
  const proxy = new Proxy(target, Object.fromEntries(traps.map((name) => [name, trap(name)])));
  const heir = Object.create(proxy) as object;
  return Object.assign(new Error('a', { cause: proxy }), {
    all: [proxy, heir, new Map([[heir, proxy]])],
    heir: Object.setPrototypeOf(new TypeError('b'), proxy) as unknown,
  });
}

function findHarm(drawn: Hostile): string[] {
  try {
    for (const way of Object.values(WAYS)) decodeError(way(encodeError(buildHostile(drawn))));
    return [];
  } catch (error) {
    return [`it threw ${show(error)}`];
  }
}

async function expectNone<T>(drawn: fc.Arbitrary<T>, find: (one: T) => string[]): Promise<void> {
  const say = (one: T) => fc.stringify(one);
  const counterexample = await search(drawn, find, say, { ...settings, cases });
  if (counterexample !== undefined) throw new Error(counterexample);
}

/** Enough for as many cases as are asked for. */
const LONG = 120_000;

describe(`I48, what crosses and comes back (RXVISOR_SEED=${seed} RXVISOR_CASES=${settings.cases})`, () => {
  it(
    'is the same graph of errors, whatever leads to what',
    () => expectNone(graphs, (drawn) => findDifferences(build(drawn))),
    LONG,
  );

  it(
    'is the same data, as a value and in the field of an error',
    () =>
      expectNone(anything, (value) => [
        ...findDifferences(value),
        ...findDifferences(Object.assign(new Error('a', { cause: [value] }), { value })),
      ]),
    LONG,
  );

  it('does no harm, however hostile', () => expectNone(hostile, findHarm), LONG);
});
