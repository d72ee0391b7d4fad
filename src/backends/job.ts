import { InvalidPayloadError } from '../errors.js';
import { show } from '../show.js';

/** What is to be done, in a form that may be stored and sent: a plain object that survives JSON. */
export interface Job {
  /** Of what kind it is. */
  readonly type: string;
  readonly [member: string]: unknown;
}

/** How long a job, or what it emits, may be as JSON, in characters. */
export const LONGEST = 1_048_576;

/**
 * Takes a job as it would arrive on another machine: a copy, of which nothing has been lost.
 *
 * @throws {@link InvalidPayloadError} that names what can't be sent, and where in the job it is.
 */
export function toJob<J extends Job>(given: J): J {
  if (!isPlain(given))
    refuse('', given, "give a plain object, such as { type: 'mail', to: 'a@b.c' }");
  const { type } = given;
  if (typeof type !== 'string' || type === '') {
    refuse('type', type, 'give it a type, a string that is not empty');
  }
  check(given, '', { of: 'a job', around: new Set() });
  const text = JSON.stringify(given);
  checkLength(text, `job "${type}"`);
  const job = JSON.parse(text) as J;
  if (text.length > LONG) lengths.set(job, text.length);
  return job;
}

/** How deep it may be: whoever reads it goes as deep. */
const DEEPEST = 500;
/** How long a job must be to be told of as such, in characters: of others there's room for a thousand at once. */
const LONG = 8_000;
const lengths = new WeakMap<Job, number>();

/** How long a job is as JSON, in characters, if it's long; 0 if it isn't. */
export const lengthIfLong = (job: Job): number => lengths.get(job) ?? 0;

/**
 * Puts something as JSON, of which nothing has been lost.
 *
 * @param what  What it is, for the error.
 * @throws {@link InvalidPayloadError} whose cause names what can't be sent, and where in it that is.
 */
export function toPlainText(value: unknown, what: string): string {
  try {
    check(value, '', { of: what, around: new Set() });
  } catch (cause) {
    throw new InvalidPayloadError(`${what} can't be sent: it doesn't survive JSON`, { cause });
  }
  const text = JSON.stringify(value);
  checkLength(text, what);
  return text;
}

function checkLength({ length }: string, what: string): void {
  if (length <= LONGEST) return;
  throw new InvalidPayloadError(
    `${what} is ${length} characters long as JSON, and ${LONGEST} is the most: store what is large, and send where it is`,
  );
}

/** What is looked at, and what it's part of. */
interface Whole {
  readonly of: string;
  /** What the value is in, from the whole on. */
  readonly around: Set<object>;
}

function check(value: unknown, path: string, whole: Whole): void {
  if (value === null || value === undefined || typeof value === 'boolean') return;
  if (typeof value === 'string') checkText(value, path, whole);
  else if (typeof value === 'number') checkNumber(value, path, whole);
  else if (Array.isArray(value) || isPlain(value)) checkMembers(value, path, whole);
  else
    refuse(
      path,
      value,
      'give what survives JSON: a string, a number, a plain object, an array',
      whole,
    );
}

function checkMembers(value: object, path: string, whole: Whole): void {
  const { around } = whole;
  if (around.has(value))
    refuse(path, value, 'it is inside itself, which JSON has no word for', whole);
  if (around.size === DEEPEST)
    refuse(path, value, `no more than ${DEEPEST} may be inside one another`, whole);
  around.add(value);
  for (const [key, member] of Object.entries(value)) {
    checkText(key, path, whole);
    check(member, path ? `${path}.${key}` : key, whole);
  }
  around.delete(value);
}

function checkNumber(value: number, path: string, whole: Whole): void {
  if (!Number.isFinite(value)) refuse(path, value, 'give a finite number, or null', whole);
}

/** What PostgreSQL's JSON has no word for. */
function checkText(text: string, path: string, whole: Whole): void {
  if (text.includes('\u0000') || LONE_SURROGATE.test(text)) {
    refuse(
      path,
      text,
      'no text may hold the character 0 or half of a surrogate pair: encode bytes as base64',
      whole,
    );
  }
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Of whatever realm. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function refuse(
  path: string,
  value: unknown,
  wayOut: string,
  { of }: { readonly of: string } = { of: 'a job' },
): never {
  throw new InvalidPayloadError(`${path ? `"${path}" of ${of}` : of} is ${show(value)}: ${wayOut}`);
}
