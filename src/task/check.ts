import { InvalidOptionError } from '../errors.js';

/**
 * Refuses an impossible value, or none, of something that has to be given.
 *
 * @throws {@link InvalidOptionError}
 */
export function checkGiven(option: string, value: unknown, { accepts, wanted }: Check): void {
  if (!accepts(value)) throw new InvalidOptionError(option, value, wanted);
}

/** What is asked of an option's value, in words that finish the sentence "option x is y: …". */
export interface Check {
  readonly accepts: (value: unknown) => boolean;
  readonly wanted: string;
}

/** One check for every key of an options object. */
export type Checks<O> = { readonly [K in keyof Required<O>]: Check };

/**
 * Refuses unknown keys and impossible values, by name. An option that is `undefined` counts as absent.
 *
 * @throws {@link InvalidOptionError}
 */
export function checkOptions<O extends object>(options: O, checks: Checks<O>): void {
  if (!isPlainOptions(options)) {
    throw new InvalidOptionError('options', options, 'give an object, or leave it out');
  }
  for (const option in options) {
    const value = options[option];
    const check = Object.hasOwn(checks, option) ? checks[option as keyof O] : undefined;
    if (!check) throw new InvalidOptionError(option, value, unknownOption(Object.keys(checks)));
    if (value !== undefined && !check.accepts(value)) {
      throw new InvalidOptionError(option, value, check.wanted);
    }
  }
}

const isPlainOptions = (options: unknown) =>
  typeof options === 'object' && options !== null && !Array.isArray(options);

const unknownOption = (known: readonly string[]) =>
  `there is no such option here, take one of ${known.join(', ')}`;

const isNumber = (value: unknown): value is number => typeof value === 'number';

/** A span of time in ms. */
export const duration: Check = {
  accepts: (value) => isNumber(value) && value >= 0 && value < Infinity,
  wanted: 'give milliseconds as a finite number, 0 or more',
};

export const durationOrInfinity: Check = {
  accepts: (value) => isNumber(value) && value >= 0,
  wanted: 'give milliseconds as a number, 0 or more, or Infinity',
};

export const countOrInfinity: Check = {
  accepts: (value) =>
    isNumber(value) && value >= 0 && (Number.isInteger(value) || value === Infinity),
  wanted: 'give a whole number, 0 or more, or Infinity',
};

export const countFromOne: Check = {
  accepts: (value) => Number.isInteger(value) && (value as number) >= 1,
  wanted: 'give a whole number, 1 or more',
};

export const countFromOneOrInfinity: Check = {
  accepts: (value) => value === Infinity || countFromOne.accepts(value),
  wanted: 'give a whole number, 1 or more, or Infinity',
};

export const atLeastOne: Check = {
  accepts: (value) => isNumber(value) && value >= 1 && value < Infinity,
  wanted: 'give a finite number, 1 or more',
};

export const aBoolean: Check = {
  accepts: (value) => typeof value === 'boolean',
  wanted: 'give true or false',
};

export const aFunction: Check = {
  accepts: (value) => typeof value === 'function',
  wanted: 'give a function',
};

export const anArray: Check = { accepts: Array.isArray, wanted: 'give an array' };

export const aName: Check = {
  accepts: (value) => typeof value === 'string' && value.length > 0,
  wanted: 'give a string that is not empty',
};

export const aScheduler: Check = {
  accepts: (value) => hasMethod(value, 'schedule') && hasMethod(value, 'now'),
  wanted: 'give an RxJS scheduler, such as asyncScheduler',
};

export const anAbortSignal: Check = {
  accepts: (value) => hasMethod(value, 'addEventListener') && 'aborted' in value,
  wanted: 'give an AbortSignal',
};

export const oneOf = (...values: readonly unknown[]): Check => ({
  accepts: (value) => values.includes(value),
  wanted: `give one of ${values.map((value) => JSON.stringify(value)).join(', ')}`,
});

export const either = (a: Check, b: Check): Check => ({
  accepts: (value) => a.accepts(value) || b.accepts(value),
  wanted: `${a.wanted}, or ${b.wanted}`,
});

/** Whether a value has a method of this name, whatever its class or realm. */
export const hasMethod = (value: unknown, method: string): value is object =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Record<string, unknown>)[method] === 'function';
