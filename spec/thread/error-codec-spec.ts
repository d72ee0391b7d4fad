import { types } from 'node:util';
import { runInNewContext } from 'node:vm';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { describe, expect, it } from '@jest/globals';
import { EMPTY, of, throwIfEmpty } from 'rxjs';
import * as errors from '../../src/errors.js';
import { isNormalEnd } from '../../src/task/is-normal-end.js';
import { show } from '../../src/show.js';
import { decodeError, encodeError, withCallerStack } from '../../src/thread/error-codec.js';

/** To another thread and back again: what is encoded is cloned for real. */
const WAYS: [string, (encoded: unknown) => unknown][] = [
  ['structuredClone', (encoded) => structuredClone(encoded)],
  [
    'a port',
    (encoded) => {
      const { port1, port2 } = new MessageChannel();
      port1.postMessage(encoded);
      const received = receiveMessageOnPort(port2) as { message: unknown };
      port1.close();
      return received.message;
    },
  ],
];

/** An error as the specs look at it. */
type Crossed = Error & Record<string, unknown>;

const crossBy = (way: (encoded: unknown) => unknown) => (thrown: unknown) =>
  decodeError(way(encodeError(thrown)) as ReturnType<typeof encodeError>) as Crossed;

const cross = crossBy(structuredClone);

const isEnumerable = (error: object, field: string) =>
  Object.prototype.propertyIsEnumerable.call(error, field);

/** How many causes an error has. */
function depthOf(error: unknown): number {
  let depth = 0;
  for (let at: unknown = error; types.isNativeError(at); at = at.cause) depth++;
  return depth - 1;
}

/** Where many errors are made, which takes its time with their stacks. */
function withoutStacks<T>(work: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

const boom = new Error('boom');

class ValidationError extends TypeError {
  override readonly name = 'ValidationError';
  readonly code = 'EVALID';
  readonly field: string;

  constructor(field: string) {
    super(`${field} is wrong`);
    this.field = field;
  }
}

/** As they were made before there were classes. */
function OldError(this: { message: string }, message: string) {
  this.message = message;
}
OldError.prototype = Object.create(Error.prototype, {
  constructor: { value: OldError },
  name: { value: 'OldError' },
}) as object;
const oldError = (message: string) =>
  new (OldError as unknown as new (message: string) => Error)(message);

/** One of RxJS's, which are made as they were too. */
function emptyError(): object {
  let thrown: unknown;
  EMPTY.pipe(throwIfEmpty()).subscribe({ error: (error: unknown) => (thrown = error) });
  return thrown as object;
}

describe.each(WAYS)('an error that goes through %s', (_, way) => {
  const cross = crossBy(way);

  it('should keep its name, its message, its code and the stack of where it was made', () => {
    const error = Object.assign(new Error('boom'), { code: 'EBOOM' });
    error.name = 'Boom';

    const crossed = cross(error);

    expect(types.isNativeError(crossed)).toBe(true);
    expect(crossed).toBeInstanceOf(Error);
    expect(crossed.name).toBe('Boom');
    expect(crossed.message).toBe('boom');
    expect(crossed.code).toBe('EBOOM');
    expect(crossed.stack).toBe(error.stack);
    expect(crossed.stack).toContain('error-codec-spec');
  });

  it('should show, and hide, the same fields as before', () => {
    const error = Object.assign(new Error('boom', { cause: 1 }), { code: 'EBOOM', tries: 3 });
    Object.defineProperty(error, 'secret', { value: 'x', enumerable: false });

    const crossed = cross(error);

    expect(Object.keys(crossed)).toEqual(['code', 'tries']);
    expect(Object.getOwnPropertyNames(crossed).sort()).toEqual(
      Object.getOwnPropertyNames(error).sort(),
    );
    expect(crossed.secret).toBe('x');
  });

  it('should keep its causes to any depth, and what they are', () => {
    const error = new Error('a', { cause: new RangeError('b', { cause: { why: 'c' } }) });

    const { cause } = cross(error) as { cause: Error };

    expect(cause).toBeInstanceOf(RangeError);
    expect(cause.message).toBe('b');
    expect(cause.cause).toEqual({ why: 'c' });
  });

  it('should keep the errors of an AggregateError, and theirs', () => {
    const inner = new AggregateError([new TypeError('a'), 'b'], 'inner');
    const crossed = cross(new AggregateError([inner, null], 'outer', { cause: boom }));

    expect(crossed).toBeInstanceOf(AggregateError);
    expect(crossed.message).toBe('outer');
    expect(crossed.cause).toMatchObject({ message: 'boom' });
    const [first, second] = crossed.errors as [AggregateError, null];
    expect(second).toBeNull();
    expect(first).toBeInstanceOf(AggregateError);
    expect(first.errors[0]).toBeInstanceOf(TypeError);
    expect(first.errors[1]).toBe('b');
    expect(isEnumerable(crossed, 'errors')).toBe(false);
  });

  it('should keep circles, and be one and the same wherever it was that', () => {
    const error = new Error('a') as Crossed;
    error.cause = new Error('b', { cause: error });
    error.also = { error: [error, new Map([[error, new Set([error.cause])]])] };

    const crossed = cross(error);
    const { also, cause } = crossed as unknown as { also: { error: unknown[] }; cause: Error };

    expect(cause.cause).toBe(crossed);
    expect(also.error[0]).toBe(crossed);
    const map = also.error[1] as Map<unknown, Set<unknown>>;
    expect([...map.keys()][0]).toBe(crossed);
    expect([...(map.get(crossed) ?? [])][0]).toBe(cause);
  });

  it('should keep a chain of causes that is longer than the stack is deep', () => {
    const depth = withoutStacks(() => {
      let error = new Error('0');
      for (let n = 1; n <= 20_000; n++) error = new Error(`${n}`, { cause: error });
      return depthOf(cross(error));
    });

    expect(depth).toBe(20_000);
  });

  it('should keep errors in its fields, however deep in objects and arrays they are', () => {
    const error = new errors.RunnerFailedError({
      reason: { type: 'failure', cause: boom },
      failures: [{ task: 'a', error: new ValidationError('age') }],
      tolerated: [],
      stragglers: [],
      counts: { completed: 0, stopped: 0, failed: 1 },
      uptime: 5,
    });

    const crossed = cross(error) as unknown as typeof error;
    const [failure] = crossed.failures;

    expect(failure?.error).toBeInstanceOf(TypeError);
    expect(failure?.error).toMatchObject({ name: 'ValidationError', code: 'EVALID' });
    expect(failure?.error).toBe(crossed.cause);
    expect(crossed.report.reason.cause).toMatchObject({ message: 'boom' });
    expect(crossed.report.failures).toBe(crossed.failures);
    expect(isEnumerable(crossed, 'report')).toBe(false);
  });
});

describe('the cause of an error that crosses', () => {
  it('should be there if it was, though undefined, and hidden as it was', () => {
    const crossed = cross(new Error('a', { cause: undefined }));

    expect(Object.hasOwn(crossed, 'cause')).toBe(true);
    expect(crossed.cause).toBeUndefined();
    expect(isEnumerable(crossed, 'cause')).toBe(false);
  });

  it('should not be there if it was not', () => {
    expect('cause' in cross(new Error('a'))).toBe(false);
    expect('cause' in cross(new errors.StopRestarting())).toBe(false);
    expect('cause' in cross(new errors.StopRestarting(undefined))).toBe(true);
  });

  it('should be there if its class has it', () => {
    class Wrapped extends Error {
      override get cause() {
        return boom;
      }
    }

    expect(cross(new Wrapped('a')).cause).toMatchObject({ message: 'boom' });
  });

  it('should be told from many, of which the class may have a getter too', () => {
    class Many extends Error {
      get errors() {
        return [boom];
      }
    }

    expect(cross(new Many('a')).errors).toMatchObject([{ message: 'boom' }]);
  });
});

describe('the class of an error that crosses', () => {
  it.each([Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError])(
    'should be the same if it is one of the language: %p',
    (Class) => {
      const crossed = cross(new Class('boom'));

      expect(Object.getPrototypeOf(crossed)).toBe(Class.prototype);
      expect(types.isNativeError(crossed)).toBe(true);
      expect(crossed.message).toBe('boom');
      expect(crossed.name).toBe(Class.name);
      expect(Object.hasOwn(crossed, 'name')).toBe(false);
    },
  );

  it.each(['TypeError', 'AggregateError'])('should be ours if it is of another realm: %s', (of) => {
    const foreign: unknown = runInNewContext(`Object.assign(new ${of}('boom'), { a: { b: 1 } })`);
    const crossed = cross(foreign);

    expect(foreign).not.toBeInstanceOf(Error);
    expect(crossed.constructor).toBe({ TypeError, AggregateError }[of]);
    expect(crossed).toMatchObject({ a: { b: 1 } });
  });

  const reason = { type: 'stop' } as const;
  const report = {
    reason,
    failures: [],
    tolerated: [],
    stragglers: [],
    counts: { completed: 0, stopped: 0, failed: 0 },
    uptime: 0,
  };
  const OURS = [
    new errors.RxvisorError('a'),
    new errors.OrphanedValueError('a', [1]),
    new errors.RunnerFailedError(report),
    new errors.RestartLimitError('a', 1, 2, { cause: boom }),
    new errors.OverdueError('a', 5),
    new errors.DependencyError('a', 'b'),
    new errors.StopRestarting(boom),
    new errors.CancelledError('a', reason),
    new errors.RunnerStateError('stopped', 'no'),
    new errors.DuplicateNameError('a'),
    new errors.UnknownTaskError('a'),
    new errors.BackendClosedError(),
    new errors.BackendDownError('a', { host: 'b', port: 1, isPassing: false }),
    new errors.UsageError('unknown option'),
    new errors.InvalidPayloadError('a'),
    new errors.InvalidOptionError('a', 1, 'b'),
    new errors.MissingPackageError('tsx', 'here'),
    new errors.WorkerCrashError('a', 'exit', { threadId: 1, exitCode: 2, stderr: 'bye' }),
    new errors.CloneError('a', 'b', boom),
    new errors.QueueFullError(3),
    new errors.OverflowError('a', 4),
  ];

  it.each(OURS.map((error) => [error.name, error] as const))(
    'should be the same if it is ours: %s',
    (name, error) => {
      const crossed = cross(error);

      expect(Object.getPrototypeOf(crossed)).toBe(Object.getPrototypeOf(error));
      expect(types.isNativeError(crossed)).toBe(true);
      expect(crossed.name).toBe(name);
      expect(crossed.message).toBe(error.message);
      expect(crossed.stack).toBe(error.stack);
      expect(Object.keys(crossed)).toEqual(Object.keys(error));
      expect(Object.entries(crossed)).toEqual(Object.entries(error));
    },
  );

  it('should be told here of every class that is ours', () => {
    expect(new Set(OURS.map((error) => error.constructor))).toEqual(new Set(Object.values(errors)));
  });

  it("should be the next of ours that a user's class descends from, under its own name", () => {
    class Mine extends errors.RxvisorError {}
    class Odd extends errors.RxvisorError {
      override readonly code = 'EODD';
    }
    class Orphan extends errors.OrphanedValueError {}

    expect(cross(new Mine('a'))).toBeInstanceOf(errors.RxvisorError);
    expect(cross(new Mine('a')).name).toBe('Mine');
    expect(cross(new Odd('a'))).toBeInstanceOf(errors.RxvisorError);
    expect(cross(new Odd('a')).code).toBe('EODD');
    expect(cross(new Orphan('a', 1))).toBeInstanceOf(errors.OrphanedValueError);
  });

  it("should not be ours for a user's error that is called as one of ours", () => {
    class CancelledError extends Error {
      override readonly name = 'CancelledError';
    }
    const crossed = cross(new CancelledError('a'));

    expect(crossed).not.toBeInstanceOf(errors.RxvisorError);
    expect(crossed.name).toBe('CancelledError');
  });

  it('should be the next of the language that a class descends from, under its own name', () => {
    const crossed = cross(new ValidationError('age'));

    expect(Object.getPrototypeOf(crossed)).toBe(TypeError.prototype);
    expect(Object.keys(crossed).sort()).toEqual(['code', 'field', 'name']);
    expect(crossed).toMatchObject({ name: 'ValidationError', code: 'EVALID', field: 'age' });
    expect(crossed.message).toBe('age is wrong');
  });

  it('should be Error if it is unknown, and what it said by itself is kept', () => {
    class Strange extends Error {
      override get name() {
        return 'Strange';
      }
      override get message() {
        return 'by class';
      }
      get code() {
        return 'ESTRANGE';
      }
    }
    const crossed = cross(new Strange());

    expect(Object.getPrototypeOf(crossed)).toBe(Error.prototype);
    expect(crossed).toMatchObject({ name: 'Strange', message: 'by class', code: 'ESTRANGE' });
    expect(Object.keys(crossed)).toEqual([]);
  });

  it.each<[string, object, object]>([
    ['an old-style one', oldError('boom'), { name: 'OldError', message: 'boom' }],
    ['one of RxJS', emptyError(), { name: 'EmptyError', message: 'no elements in sequence' }],
    [
      'one that only looks like it',
      new (class {
        stack = 'a stack';
        message = 'boom';
        get name() {
          return 'LooksLikeIt';
        }
      })(),
      { name: 'LooksLikeIt', message: 'boom', stack: 'a stack' },
    ],
    [
      'one without a prototype',
      Object.setPrototypeOf(new Error('boom'), null) as object,
      {
        name: 'Error',
        message: 'boom',
      },
    ],
  ])('should be Error for %s, which then is a native one', (_, error, fields) => {
    const crossed = cross(error);

    expect(types.isNativeError(crossed)).toBe(true);
    expect(crossed).toBeInstanceOf(Error);
    for (const [field, value] of Object.entries(fields)) expect(crossed[field]).toBe(value);
  });

  it('should not be one for data, though it may have been an error once', () => {
    const data = { name: 'Error', message: 'boom', stack: 'a stack', code: 'ERR_RXVISOR_CLONE' };

    expect(cross(data)).toEqual(data);
    expect(types.isNativeError(cross(data))).toBe(false);
  });
});

describe('a DOMException that crosses', () => {
  it.each([
    ['of an AbortSignal', AbortSignal.abort().reason as DOMException, 'AbortError', 20],
    ['of a timeout', new DOMException('late', 'TimeoutError'), 'TimeoutError', 23],
    ['of no name', new DOMException('boom'), 'Error', 0],
  ])('should be one again: %s', (_, error, name, code) => {
    const crossed = cross(error) as unknown as DOMException;

    expect(crossed).toBeInstanceOf(DOMException);
    expect(crossed.name).toBe(name);
    expect(crossed.code).toBe(code);
    expect(crossed.message).toBe(error.message);
    expect(crossed.stack).toBe(error.stack);
    expect(Object.getOwnPropertyNames(crossed).sort()).toEqual(
      Object.getOwnPropertyNames(error).sort(),
    );
  });

  it('should keep its cause and what else it has', () => {
    const error = Object.assign(new DOMException('boom', { name: 'AbortError', cause: boom }), {
      extra: [boom],
    });
    const crossed = cross(error);

    expect(crossed).toBeInstanceOf(DOMException);
    expect(crossed.cause).toMatchObject({ message: 'boom' });
    expect((crossed.extra as unknown[])[0]).toBe(crossed.cause);
  });
});

describe('an error that crosses after its attempt was asked to stop', () => {
  const reason = { type: 'stop' } as const;

  it.each<[string, unknown]>([
    ['a DOMException', AbortSignal.abort().reason],
    ["Node's", Object.assign(new Error('aborted'), { name: 'AbortError', code: 'ABORT_ERR' })],
    [
      'by class',
      new (class extends Error {
        override get name() {
          return 'AbortError';
        }
      })(),
    ],
    ['without a stack', { name: 'AbortError' }],
  ])('should be known as its normal end still if it is an AbortError: %s', (_, error) => {
    expect(isNormalEnd(error, reason)).toBe(true);
    expect(isNormalEnd(cross(error), reason)).toBe(true);
  });

  it('should be no normal end if it was none', () => {
    expect(isNormalEnd(cross(boom), reason)).toBe(false);
  });
});

describe('what is no error and crosses', () => {
  const shared = { a: 1 };
  const circle: unknown[] = [];
  circle.push({ circle });

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a string', 'boom'],
    ['an empty string', ''],
    ['a number', 42],
    ['minus zero', -0],
    ['not a number', NaN],
    ['a bigint', 5n],
    ['false', false],
    ['an object', { a: { b: [1, undefined, null] }, c: undefined }],
    ['an array', [1, [2, [3]], 'four']],
    ['a map', new Map<unknown, unknown>([[{ a: 1 }, new Map([[1, 2]])]])],
    ['a set', new Set<unknown>([1, 'a', { b: 2 }])],
    ['a date', new Date(5)],
    ['an expression', /a+/gi],
    ['bytes', new Uint8Array([1, 2, 3])],
    ['a boxed number', Object(5)],
    ['a circle', circle],
    ['an entry named as the prototype', JSON.parse('{"__proto__": {"a": 1}}')],
  ])('should be equal: %s', (_, value) => {
    expect(cross(value)).toEqual(value);
    expect(Object.is(value, -0)).toBe(Object.is(cross(value), -0));
  });

  it('should have what was one thing as one thing', () => {
    const [a, b] = cross([shared, { shared }]) as unknown as [object, { shared: object }];

    expect(b.shared).toBe(a);
    const round = cross(circle) as unknown as [{ circle: unknown }];
    expect(round[0].circle).toBe(round);
  });

  it('should keep the holes of an array, however many', () => {
    const holes: unknown[] = [];
    holes[3] = boom;
    const crossed = cross(holes) as unknown as Error[];

    expect(Object.keys(crossed)).toEqual(['3']);
    expect(crossed[3]?.message).toBe('boom');
    expect(cross(new Array(4_000_000_000))).toHaveLength(4_000_000_000);
  });

  it('should be plain if it was of a class, the errors in it errors', () => {
    class Point {
      readonly #secret = 1;
      readonly x = 1;
      readonly errors = [new ValidationError('x'), boom];
      readonly twin = { at: new Date(5), more: new Map([[boom, boom]]) };
      get secret() {
        return this.#secret;
      }
    }
    const crossed = cross(Object.assign(new Error('a', { cause: boom }), { point: new Point() }));
    const point = crossed.point as Point;

    expect(Object.getPrototypeOf(point)).toBe(Object.prototype);
    expect(Object.keys(point)).toEqual(['x', 'errors', 'twin']);
    expect(point.errors[0]).toMatchObject({ name: 'ValidationError', field: 'x' });
    expect(point.errors[1]).toBe(crossed.cause);
    expect([...point.twin.more]).toEqual([[crossed.cause, crossed.cause]]);
    expect(point.twin.at).toEqual(new Date(5));
  });

  it('should be itself in an error that an instance of a class holds, whose clone has less', () => {
    class Holder {
      readonly error = Object.assign(new Error('a'), { at: new Date(5), cause: { why: 'b' } });
    }

    expect((cross(new Holder()) as unknown as Holder).error).toMatchObject({
      at: new Date(5),
      cause: { why: 'b' },
    });
  });

  it('should be what a getter makes in the end, though it makes another thing each time', () => {
    const date = new Date(5);
    const map = new Map([[1, 2]]);
    const fickle = (...made: unknown[]) => {
      class Fickle {
        x = 1;
      }
      const get = () => (made.length > 1 ? made.shift() : made[0]);
      return Object.defineProperty(new Fickle(), 'a', { get, enumerable: true });
    };

    expect(cross(fickle(5, date))).toEqual({ x: 1, a: date });
    expect(cross(fickle({}, map))).toEqual({ x: 1, a: map });
  });

  it('should be cloned at most once to see whether it can be', () => {
    class Item {
      next?: Item;
      readonly all: Item[];
      constructor(all: Item[]) {
        this.all = all;
        all.push(this);
      }
    }
    const all: Item[] = [];
    for (let n = 0; n < 500; n++) new Item(all);

    expect(countClones(() => encodeError({ all }))).toBe(1);
    expect(cross({ all }).all).toHaveLength(500);
  });
});

/** How often something asks for a clone. */
function countClones(work: () => void): number {
  const clone = globalThis.structuredClone;
  let clones = 0;
  globalThis.structuredClone = (value: unknown) => (clones++, clone(value)) as never;
  try {
    work();
  } finally {
    globalThis.structuredClone = clone;
  }
  return clones;
}

describe('what cannot be cloned and crosses', () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();

  it.each<[string, unknown]>([
    ['a function', () => 1],
    ['a class', ValidationError],
    ['a symbol', Symbol('a')],
    ['a promise', Promise.resolve(1)],
    ['a weak map', new WeakMap()],
    ['a weak reference', new WeakRef(boom)],
    ['a generator', (function* () {})()],
    ['an Observable', of(1)],
    [
      'an instance with a function in it',
      new (class Odd {
        f = () => 1;
      })(),
    ],
    ['a proxy', new Proxy({ a: 1 }, {})],
    ['a revoked proxy', proxy],
    [
      'a detached buffer',
      (() => {
        const b = new ArrayBuffer(1);
        structuredClone(b, { transfer: [b] });
        return b;
      })(),
    ],
    ['a port', new MessageChannel().port1],
  ])('should be what is shown of it: %s', (_, value) => {
    const shown = show(value);

    expect(cross(value)).toBe(shown);
    expect(cross({ a: [value] })).toEqual({ a: [shown] });
    expect(cross(Object.assign(new Error('a'), { value })).value).toBe(shown);
    expect(cross(new Error('a', { cause: value })).cause).toBe(shown);
    expect(cross(new Map([[value, new Set([value])]]))).toEqual(
      new Map([[shown, new Set([shown])]]),
    );
  });

  it('should not be tried for ever', () => {
    class Item {
      readonly f = () => 1;
    }
    const items = Array.from({ length: 3_000 }, () => new Item());

    expect(countClones(() => encodeError(items))).toBe(1_000);
    expect(new Set(cross(items) as unknown as unknown[])).toEqual(new Set([show(items[0])]));
  });

  it('should leave the rest as it is, in things without a prototype too', () => {
    const bare = Object.assign(Object.create(null) as object, { f: () => 1, g: 2 });
    expect(cross(bare)).toEqual({ f: '[Function: f]', g: 2 });

    const error = Object.assign(new Error('boom', { cause: boom }), { f: () => 1, g: 2 });

    expect(cross(error)).toMatchObject({ message: 'boom', f: '[Function: f]', g: 2 });
    expect(cross(error).cause).toMatchObject({ message: 'boom' });
  });
});

describe('a hostile thing that crosses', () => {
  const no = (): never => {
    throw new Error('no');
  };
  const traps = new Proxy({}, { get: () => no });

  it('should be undefined where it cannot be read', () => {
    const error = new Error('boom', { cause: boom });
    for (const field of ['stack', 'name', 'message', 'code', 'open']) {
      Object.defineProperty(error, field, { get: no, enumerable: field === 'open' });
    }
    const crossed = cross(error);

    expect(types.isNativeError(crossed)).toBe(true);
    expect(crossed).toMatchObject({ name: undefined, message: undefined, open: undefined });
    expect(crossed.cause).toMatchObject({ message: 'boom' });
    expect(
      cross({
        get a() {
          return no();
        },
        b: 1,
      }),
    ).toEqual({ a: undefined, b: 1 });
  });

  it('should have no stack if it had none, rather than that of where it has come to', () => {
    const error = new Error('boom');
    delete error.stack;

    expect('stack' in cross(error)).toBe(false);
  });

  it.each<[string, unknown]>([
    ['a proxy of traps', new Proxy({}, traps)],
    ['a proxy of an error with traps', new Proxy(boom, traps)],
    [
      'an error with a proxy for a class',
      Object.setPrototypeOf(new Error('a'), new Proxy({}, traps)),
    ],
    [
      'ancestors without an end',
      (() => {
        const endless: object = new Proxy({}, { getPrototypeOf: () => endless });
        return endless;
      })(),
    ],
    ['an object that throws for whatever is read', Object.create(new Proxy({}, traps))],
    [
      'an instance of a class that throws',
      new (Object.defineProperty(
        class {
          a = 1;
        },
        'name',
        { get: no },
      ))(),
    ],
  ])('should do no harm: %s', (_, value) => {
    for (const thrown of [
      value,
      [value],
      new Error('a', { cause: value }),
      new Map([[value, 1]]),
    ]) {
      expect(() => cross(thrown)).not.toThrow();
    }
  });

  it('should be read through its proxy if it is an error', () => {
    const crossed = cross(new Proxy(new ValidationError('age'), {}));

    expect(types.isNativeError(crossed)).toBe(true);
    expect(crossed).toMatchObject({ name: 'ValidationError', field: 'age' });
    expect(crossed.message).toBe('age is wrong');
  });

  it('should end, though its getters make more without an end', () => {
    class Endless extends Error {
      override get cause() {
        return new Endless('more');
      }
    }
    const make = (): object => ({
      get next() {
        return make();
      },
    });
    const wrap = (error: object): object =>
      new Proxy(error, {
        getOwnPropertyDescriptor: (target, key) =>
          key === 'cause'
            ? { value: wrap(error), configurable: true }
            : Reflect.getOwnPropertyDescriptor(target, key),
      });

    expect(withoutStacks(() => depthOf(cross(new Endless('a'))))).toBe(1_000);
    expect(depthOf(cross(wrap(new Error('a'))))).toBe(1_000);
    expect(() => cross(make())).not.toThrow();
  });

  it('should be what it holds, whatever it says of that', () => {
    const map = Object.assign(new Map([[1, 2]]), { entries: no, [Symbol.iterator]: no });
    const set = Object.assign(new Set([1]), { entries: no, values: no, [Symbol.iterator]: no });

    expect([...(cross(map) as unknown as Map<number, number>)]).toEqual([[1, 2]]);
    expect([...(cross(set) as unknown as Set<number>)]).toEqual([1]);
  });

  it('should cross frozen and sealed as any other', () => {
    const frozen = Object.freeze(Object.assign(new Error('a', { cause: boom }), { b: [boom] }));

    expect(cross(frozen)).toMatchObject({ message: 'a', cause: { message: 'boom' }, b: [{}] });
    expect(cross(Object.freeze([Object.seal({ a: 1 })]))).toEqual([{ a: 1 }]);
  });
});

describe('withCallerStack', () => {
  const CALLER = '    at caller (app.js:1:1)\n    at start (app.js:2:2)';

  it('should add where the thread was called below where it failed', () => {
    const error = cross(boom);

    expect(withCallerStack(error, CALLER)).toBe(error);
    expect(error.stack).toBe(`${boom.stack}\n    at [a thread, called from]\n${CALLER}`);
    expect(isEnumerable(error, 'stack')).toBe(false);
  });

  it('should do so once, and again for an error that has crossed again', () => {
    const error = withCallerStack(withCallerStack(cross(boom), CALLER), '    at other (b.js:1:1)');
    expect(error.stack).not.toContain('other');

    const again = withCallerStack(cross(error), '    at other (b.js:1:1)');
    expect(again.stack).toContain('caller');
    expect(again.stack?.endsWith('other (b.js:1:1)')).toBe(true);
  });

  it('should add nothing if nothing is known', () => {
    expect(withCallerStack(cross(boom), '').stack).toBe(boom.stack);
    expect(withCallerStack(cross(AbortSignal.abort().reason), CALLER).stack).toContain('caller');
  });

  it('should leave alone what is frozen, and what is no error', () => {
    const frozen = Object.freeze(new Error('boom'));
    const stackless = new Error('boom');
    delete stackless.stack;
    const data = { name: 'Error', message: 'boom', stack: 'a stack' };

    expect(withCallerStack(frozen, CALLER).stack).not.toContain('caller');
    expect('stack' in withCallerStack(stackless, CALLER)).toBe(false);
    expect(withCallerStack(data, CALLER)).toEqual({ ...data, stack: 'a stack' });
    for (const value of [undefined, null, 'boom', 5, Symbol('a'), no]) {
      expect(withCallerStack(value, CALLER)).toBe(value);
    }
    expect(no.name).toBe('no');
  });

  function no(): void {
    // A function has neither a stack nor fields to add to.
  }
});
