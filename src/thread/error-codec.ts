import { peek, show } from '../show.js';
import { isObject, isPlain, makeError, natureOf } from './error-nature.js';
import { type Has, type Kind, tryTo, kindOf, partsOf } from './error-parts.js';
import { Twins } from './error-twins.js';

// Structured clone keeps of an error its message, its stack and one of seven names. Here an error, and all
// that it leads to, becomes a list of nodes that refer to each other by number: so a circle is no trouble,
// nor is a chain of causes that is longer than the stack is deep.

/** What was thrown, in a form that can be cloned, whatever it was. */
export interface EncodedError {
  readonly root: Slot;
  readonly nodes: readonly Node[];
}

/** A primitive as it is, or a node by its number. */
type Slot = string | number | bigint | boolean | null | undefined | readonly [node: number];

/** `extra` is the nature of an error, the length of an array, or what is cloned as it is. */
type Node = readonly [kind: Kind | 'as it is', extra: unknown, members: Member[]];

type Member = readonly [key: Slot, value: Slot, has: Has];

/**
 * Encodes what was thrown: errors with all their fields, other data as structured clone takes it, and what
 * can't be cloned as {@link show} puts it. Never throws.
 */
export function encodeError(error: unknown): EncodedError {
  const encoder = new Encoder();
  return { root: encoder.encode(error), nodes: encoder.nodes };
}

/** Makes of it what was thrown: of the class it was of if that is well known, else an `Error`. */
export function decodeError({ root, nodes }: EncodedError): unknown {
  const things = nodes.map(makeThing);
  const at = (slot: Slot) => (isReference(slot) ? things[slot[0]] : slot);
  nodes.forEach(([kind, , members], n) => {
    for (const [key, value, has] of members) put(kind, things[n], at(key), at(value), has);
  });
  return at(root);
}

/** Adds to the stack of an error from a thread, once, where the thread was called. */
export function withCallerStack<T>(error: T, callerStack: string): T {
  const stack = peek(error, 'stack');
  if (!isObject(error) || natureOf(error) === undefined || typeof stack !== 'string') return error;
  if (callerStack === '' || joined.has(error)) return error;
  const both = `${stack}\n    at [a thread, called from]\n${callerStack}`;
  if (tryTo(() => Reflect.set(error, 'stack', both))) joined.add(error);
  return error;
}

const joined = new WeakSet<object>();

class Encoder {
  readonly nodes: Node[] = [];
  readonly #slots = new Map<object, Slot>();
  readonly #twins = new Twins();
  readonly #unfilled: (() => void)[] = [];
  #made = 0;

  encode(value: unknown): Slot {
    const slot = this.#toSlot(value);
    // Filling one may add more at the end.
    for (const fill of this.#unfilled) fill();
    return slot;
  }

  #toSlot(value: unknown, isMade = false): Slot {
    if (typeof value === 'symbol' || typeof value === 'function') return show(value);
    if (!isObject(value)) return value as Slot;
    if (!this.#slots.has(value)) {
      const isTooMuch = isMade && ++this.#made > MOST_MADE;
      this.#slots.set(value, isTooMuch ? show(value) : this.#toNode(value));
    }
    return this.#slots.get(value);
  }

  #toNode(value: object): Slot {
    const kind = kindOf(value);
    if (kind !== undefined) return this.#add(kind, value);
    // An instance of a class, or of something built in.
    const twin = this.#twins.of(value);
    if (twin === undefined) return show(value);
    if (isPlain(twin)) return this.#add('object', value);
    return [this.nodes.push(['as it is', twin, []]) - 1];
  }

  #add(kind: Kind, thing: object): Slot {
    const members: Member[] = [];
    this.#unfilled.push(() => {
      for (const { key, value, has, isMade } of partsOf(thing, kind)) {
        members.push([this.#toSlot(key), this.#toSlot(value, isMade), has]);
      }
    });
    return [this.nodes.push([kind, extraOf(kind, thing), members]) - 1];
  }
}

/** Of what getters make, so much is taken and no more: they may make more without an end. */
const MOST_MADE = 1_000;

function extraOf(kind: Kind, value: object): unknown {
  if (kind === 'error') return natureOf(value);
  return kind === 'array' ? (value as unknown[]).length : undefined;
}

function makeThing([kind, extra, members]: Node): unknown {
  switch (kind) {
    case 'error': {
      const fields = new Map<Slot, Slot>(members.map(([key, value]) => [key, value]));
      return makeError(extra as string, fields.get('name'), fields.get('message'));
    }
    case 'array':
      return Object.assign([], { length: extra });
    case 'map':
      return new Map();
    case 'set':
      return new Set();
    case 'object':
      return {};
    case 'as it is':
      return extra;
  }
}

function put(kind: Node[0], thing: unknown, key: unknown, value: unknown, has: Has): void {
  if (kind === 'map') (thing as Map<unknown, unknown>).set(key, value);
  else if (kind === 'set') (thing as Set<unknown>).add(key);
  else if (has !== 'inherited' || !Object.is(peek(thing, key as string), value)) {
    const enumerable = has === 'enumerable';
    const field = { value, enumerable, writable: true, configurable: true };
    Object.defineProperty(thing, key as string, field);
  }
}

const isReference = (slot: Slot): slot is readonly [number] => Array.isArray(slot);
