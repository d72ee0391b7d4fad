import { types } from 'node:util';
import { peek } from '../show.js';
import { isPlain, natureOf } from './error-nature.js';

/** What of a thrown value is taken apart; the rest is cloned as a whole, or said in words. */
export type Kind = 'error' | 'object' | 'array' | 'map' | 'set';

/** How something has a member: as its own, or an error from a class that may not be known elsewhere. */
export type Has = 'enumerable' | 'hidden' | 'inherited';

/** A field, an entry of a map, or one of a set, which is its own key. */
export interface Part {
  readonly key: unknown;
  readonly value: unknown;
  readonly has: Has;
  /** Whether reading it may have made it: getters could make more without an end. */
  readonly isMade?: boolean;
}

/** What an error may have of its class. */
const INHERITED = ['name', 'message', 'stack', 'code', 'cause', 'errors'];

export function kindOf(value: object): Kind | undefined {
  if (natureOf(value) !== undefined) return 'error';
  if (types.isProxy(value)) return undefined;
  if (Array.isArray(value)) return 'array';
  if (types.isMap(value)) return 'map';
  if (types.isSet(value)) return 'set';
  return isPlain(value) ? 'object' : undefined;
}

/** Reads what can be read, in its order: what of it throws is `undefined`, or not there. */
export function partsOf(value: object, kind: Kind): Part[] {
  switch (kind) {
    case 'map':
      return entriesOf(Map.prototype.entries.call(value));
    case 'set':
      return entriesOf(Set.prototype.entries.call(value));
    case 'error':
      return fieldsOf(value, INHERITED).filter((each) => isOwn(each) || each.value !== undefined);
    default:
      return fieldsOf(value, []).filter(({ has }) => has === 'enumerable');
  }
}

const isOwn = ({ has }: Part) => has !== 'inherited';

const entriesOf = (entries: Iterable<[unknown, unknown]>): Part[] =>
  Array.from(entries, ([key, value]) => ({ key, value, has: 'enumerable' }));

/** Only what there is: an array may be nearly all holes. */
function fieldsOf(value: object, inherited: readonly string[]): Part[] {
  const own = tryTo(() => Object.getOwnPropertyNames(value)) ?? [];
  return [...new Set([...own, ...inherited])].map((key) => {
    const descriptor = tryTo(() => Object.getOwnPropertyDescriptor(value, key));
    const has = descriptor ? (descriptor.enumerable ? 'enumerable' : 'hidden') : 'inherited';
    const isData = descriptor !== undefined && 'value' in descriptor;
    const isMade = !isData || types.isProxy(value);
    return { key, value: isData ? (descriptor.value as unknown) : peek(value, key), has, isMade };
  });
}

/** What comes of it, or `undefined` if it throws. */
export function tryTo<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
