import { isObject, isPlain } from './error-nature.js';
import { type Kind, tryTo, kindOf, partsOf } from './error-parts.js';

/**
 * Finds out what structured clone makes of things: there's no other way to know whether it can, nor what.
 *
 * One clone tells of all that a thing holds, so what belongs together is cloned once. One that fails tells
 * only that something in it can't be, whichever it is.
 */
export class Twins {
  readonly #twins = new Map<object, object>();
  #triedInVain = 0;

  /** A clone of the thing, or what has become of it in a clone of another; `undefined` if it can't be cloned. */
  of(thing: object): object | undefined {
    const known = this.#twins.get(thing);
    if (known || this.#triedInVain >= MOST_TRIED_IN_VAIN) return known;
    const twin = tryTo(() => structuredClone(thing));
    if (twin) this.#pair(thing, twin);
    else this.#triedInVain++;
    return twin;
  }

  #pair(thing: object, twin: object): void {
    const pairs: [unknown, unknown][] = [[thing, twin]];
    for (const [one, other] of pairs) {
      if (!isObject(one) || !isObject(other) || this.#twins.has(one)) continue;
      this.#twins.set(one, other);
      const kind = kindOf(one) ?? (isPlain(other) ? 'object' : undefined);
      // Of an error, a clone keeps next to nothing.
      if (kind === undefined || kind === 'error') continue;
      for (const pair of pairsOf(one, other, kind)) pairs.push(pair);
    }
  }
}

/** So often, and no more: many things may all hold the one that can't be cloned. */
const MOST_TRIED_IN_VAIN = 1_000;

function* pairsOf(one: object, other: object, kind: Kind): Iterable<[unknown, unknown]> {
  // What a getter makes may be of another kind each time.
  const others = tryTo(() => partsOf(other, kind)) ?? [];
  for (const [n, { key, value }] of partsOf(one, kind).entries()) {
    yield [key, others[n]?.key];
    yield [value, others[n]?.value];
  }
}
