import { types } from 'node:util';
import type { LifecycleEvent } from '../../lifecycle/events.js';
import { peek, show } from '../../show.js';
import { type Level, levelOf } from './level-of.js';

/** How deep a value is shown; below that it's said in a word. */
const DEPTH = 6;
/** How many entries of a list or an object are shown. */
const BREADTH = 100;
/** How many characters of a text are shown. */
const LENGTH = 16_384;

/**
 * Renders an event as one line of JSON for machines: its level, its time in ISO 8601, and all that it
 * has. Errors have their name, message, code, stack, cause, errors and own fields. Never throws,
 * whatever an error holds.
 */
export function jsonLine(event: LifecycleEvent): string {
  return toLine(levelOf(event), event.at, event);
}

/** The same for what the command itself has to say. */
export function jsonMessage(level: Level, at: number, message: string): string {
  return toLine(level, at, { type: 'message', message });
}

const toLine = (level: Level, at: number, what: object) =>
  JSON.stringify({ level, time: toISO(at), ...(toPlain(what, []) as object) });

/** A virtual clock may be anywhere. */
const toISO = (at: number) => {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
};

/** Whatever it is, in what JSON has: no cycle, no getter that throws, no `toJSON`. */
function toPlain(value: unknown, above: readonly unknown[]): unknown {
  switch (typeof value) {
    case 'string':
      return value.length > LENGTH ? `${value.slice(0, LENGTH)}…` : value;
    case 'boolean':
    case 'undefined':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'object':
      return value === null ? null : fromObject(value, above);
    case 'bigint':
      return String(value);
    default:
      return show(value);
  }
}

function fromObject(value: object, above: readonly unknown[]): unknown {
  if (above.includes(value)) return '[circular]';
  if (above.length > DEPTH) return show(value);
  const inside = [...above, value];
  try {
    if (types.isDate(value)) return toISO(value.getTime());
    if (Array.isArray(value)) {
      return value.slice(0, BREADTH).map((each) => toPlain(each, inside) ?? null);
    }
    if (isError(value)) return fromFields(value, [...ERROR, ...Object.keys(value)], inside);
    return isPlain(value) ? fromFields(value, Object.keys(value), inside) : show(value);
  } catch {
    return show(value);
  }
}

const ERROR = ['name', 'message', 'code', 'stack', 'cause', 'errors'];

function fromFields(value: object, keys: readonly string[], inside: readonly unknown[]): object {
  const shown = [...new Set(keys)].slice(0, BREADTH);
  return Object.fromEntries(shown.map((key) => [key, toPlain(peek(value, key), inside)]));
}

/** By its shape: it may be from another realm, a thread or `vm`. */
const isError = (value: object) =>
  types.isNativeError(value) || (typeof peek(value, 'message') === 'string' && 'stack' in value);

const isPlain = (value: object) => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};
