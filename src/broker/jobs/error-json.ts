import { show } from '../../show.js';
import { type EncodedError, decodeError, encodeError } from '../../thread/error-codec.js';

/** How long an error may be as JSON, in characters: of a longer one only what it says is kept. */
const LONGEST = 262_144;

/** What a job has failed with, as it's kept: for people, and for {@link toError}. */
export interface KeptError {
  readonly message: string;
  /** JSON within JSON: of the character 0 and of halves of surrogate pairs PostgreSQL's has no word. */
  readonly error: string;
}

/** Keeps what was thrown, whatever it was. Never throws. */
export function keepError(error: unknown): KeptError {
  const text = toText(encodeError(error));
  const isTooLong = text.length > LONGEST;
  return {
    message: toSpeakable(show(error).slice(0, 1_000)),
    error: isTooLong ? toText(encodeError(new Error(show(error).slice(0, LONGEST / 4)))) : text,
  };
}

/**
 * Makes of it what was thrown. What pg-boss says of an attempt, it says of a machine that was lost, or of
 * one that didn't stop in time.
 */
export function toError(kept: unknown): unknown {
  const { error, value } = (kept ?? {}) as { error?: unknown; value?: { message?: unknown } };
  if (typeof error === 'string') return fromText(error);
  const said = typeof value?.message === 'string' ? ` (${value.message})` : '';
  return new Error(`the machine that did it was lost, time and again${said}`);
}

/** Somebody else may have said what it failed with. */
function fromText(text: string): unknown {
  try {
    return decodeError(JSON.parse(text, revive) as EncodedError);
  } catch {
    return new Error(text);
  }
}

const toText = (encoded: EncodedError) => JSON.stringify(encoded, replace);

/** Without what PostgreSQL's JSON has no word for. */
export const toSpeakable = (text: string): string => text.replace(UNSPEAKABLE, '\ufffd');

// eslint-disable-next-line no-control-regex -- it's what is looked for
const UNSPEAKABLE = /\u0000|\p{Surrogate}/gu;

/** What JSON has no word for. */
function replace(_key: string, value: unknown): unknown {
  if (value === undefined) return { [MARK]: 'undefined' };
  if (typeof value === 'bigint') return { [MARK]: 'bigint', of: String(value) };
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) {
    return { [MARK]: 'number', of: Object.is(value, -0) ? '-0' : String(value) };
  }
  return value;
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(MARK in value)) return value;
  const { [MARK]: mark, of } = value as { readonly [MARK]: unknown; readonly of?: string };
  if (mark === 'bigint') return BigInt(of ?? 0);
  return mark === 'number' ? Number(of) : undefined;
}

const MARK = '\u2063rxvisor';
