import type { Observable } from 'rxjs';
import {
  type AdoptedTask,
  type Payload,
  Runner,
  type Threaded,
  type ThreadedPayload,
  type Transfer,
  group,
  threaded,
  transfer,
} from '../../src/index.js';
import type * as module from './work.js';
import type { Equal, Expect } from './support.js';

declare const runner: Runner;
declare const pixels: ArrayBuffer;
declare const bytes: Uint8Array;

const work = threaded<typeof import('./work.js')>(new URL('./work.js', import.meta.url));

export type Same = Expect<Equal<typeof work, Threaded<typeof module>>>;

/* A builder takes what the function takes, but for the context, and makes a payload of what it emits. */

const payloads = {
  digest: work.digest('a.log'),
  add: work.add(1, 2),
  tick: work.tick(),
  poll: work.poll(),
  tail: work.tail('a.log', 10),
  count: work.count(3),
  watch: work.watch(['a.log']),
  log: work.log('a'),
  main: work.default(),
  fail: work.fail(),
};

export type Emits = Expect<
  Equal<
    typeof payloads,
    {
      digest: ThreadedPayload<string>;
      add: ThreadedPayload<number>;
      tick: ThreadedPayload<number>;
      poll: ThreadedPayload<boolean>;
      tail: ThreadedPayload<{ path: string; lines: number; by: string }>;
      count: ThreadedPayload<number>;
      watch: ThreadedPayload<Date>;
      log: ThreadedPayload<never>;
      main: ThreadedPayload<boolean>;
      fail: ThreadedPayload<never>;
    }
  >
>;

// @ts-expect-error -- the argument is missing
work.digest();
// @ts-expect-error -- the argument is a string
work.digest(1);
// @ts-expect-error -- the context is given on the thread
work.digest('a.log', {});
// @ts-expect-error -- one argument is missing
work.add(1);
// @ts-expect-error -- there is one argument too many
work.add(1, 2, 3);
// @ts-expect-error -- the arguments are in the wrong order
work.tail(10, 'a.log');
// @ts-expect-error -- there is no argument
work.tick(1);

/* The context comes after the arguments, so none is left out. */

work.head('a.log', 10);
work.head('a.log', undefined);
work.retry(3);
work.retry(undefined);

// @ts-expect-error -- the context would come in place of the optional argument
work.head('a.log');
// @ts-expect-error -- the context would come in place of the one with a default
work.retry();
// @ts-expect-error -- the optional context is no argument either
work.retry(3, undefined);

/* As many as there are, if there is room for the context behind them. */

work.list();
work.list(1, 'a', null);
work.all();
work.all('a', 'b');
work.most('a', 1, 2, 3);

// @ts-expect-error -- the context would come as one more part
work.join();
// @ts-expect-error -- the context would come as one more part
work.join('a', 'b');
// @ts-expect-error -- the rest are strings
work.all('a', 1);
// @ts-expect-error -- the first one is a string
work.most(1, 2);

/* What could be taken for a context is an argument. */

work.loose(1);
work.wide({ a: 1 });
work.greet({ name: 'world' });

// @ts-expect-error -- the argument is missing, though it may be anything
work.loose();
// @ts-expect-error -- the argument is missing, though it may be anything
work.wide();
// @ts-expect-error -- the argument is missing, though a context would do
work.greet();

/* Arguments are moved where the function takes the value, and values arrive as they are. */

const moved = {
  blur: work.blur(transfer(pixels, [pixels]), 3),
  copied: work.blur(pixels, transfer(3, [])),
  blurLater: work.blurLater(pixels),
  frames: work.frames(pixels),
  frames$: work.frames$(pixels),
};

export type Arrives = Expect<
  Equal<
    typeof moved,
    {
      blur: ThreadedPayload<ArrayBuffer>;
      copied: ThreadedPayload<ArrayBuffer>;
      blurLater: ThreadedPayload<ArrayBuffer>;
      frames: ThreadedPayload<ArrayBuffer>;
      frames$: ThreadedPayload<ArrayBuffer | null>;
    }
  >
>;
export type Marks = Expect<Equal<ReturnType<typeof transfer<number>>, Transfer<number>>>;

transfer(bytes, [bytes.buffer]);
transfer({ a: 1 }, [new MessageChannel().port1, new ReadableStream()]);

// @ts-expect-error -- a number is moved where a buffer is wanted
work.blur(transfer(1, []), 3);
// @ts-expect-error -- what is moved is a list
transfer(pixels, pixels);
// @ts-expect-error -- a number can't be moved
transfer(1, [1]);
// @ts-expect-error -- what is moved has to be said
transfer(pixels);

/* The best that can be done: a type parameter is what it may be at most, and the last overload counts. */

const best = { same: work.same(1), parse: work.parse('1', 'number') };

export type Best = Expect<
  Equal<typeof best, { same: ThreadedPayload<unknown>; parse: ThreadedPayload<number> }>
>;

/* There is a builder for what can be called, and for nothing else. */

export type Builders = Expect<
  Equal<keyof typeof work, Exclude<keyof typeof module, 'version' | 'Poller' | 'then'>>
>;

// @ts-expect-error -- there is no such export
work.missing();
// @ts-expect-error -- a string can't be called
work.version();
// @ts-expect-error -- a class can't be called
work.Poller();
// @ts-expect-error -- it would make a promise of the module
work.then();
// @ts-expect-error -- builders are for reading only
work.tick = work.tick;
// @ts-expect-error -- without the type of the module, nothing is known of it
threaded(new URL('./work.js', import.meta.url)).digest('a.log');

/* It's a payload: what it emits is told from it alone, and its arguments are its own. */

const adopted = runner.adopt(work.digest('a.log'), { name: 'digest', restart: 'always' });
const executed$ = runner.execute(work.tail('a.log', 10));
const iterated = runner.iterate(work.count(3), { flavour: 'thread' });
const nothing = runner.adopt(work.log('a'));
const inside = runner.adopt(({ adopt, execute }) => {
  const child = adopt(work.tick());
  const value$ = execute(work.digest('a.log'));
  return { child, value$ };
});
const some: Payload<string> = work.digest('a.log');
const one = runner.execute({} as ThreadedPayload<number> | (() => Promise<string>));

export type Inferred = [
  Expect<Equal<typeof adopted, AdoptedTask<string>>>,
  Expect<Equal<typeof executed$, Observable<{ path: string; lines: number; by: string }>>>,
  Expect<Equal<typeof iterated, AsyncIterableIterator<number>>>,
  Expect<Equal<typeof nothing, AdoptedTask<never>>>,
  Expect<Equal<typeof one, Observable<string | number>>>,
];

void [inside, some];

/* In a group too. */

group([
  { name: 'digest', payload: work.digest('a.log'), restart: 'always' },
  { name: 'tail', payload: work.tail('a.log', 10), after: ['digest'] },
]);

/* A builder is called first, also one without arguments. */

// @ts-expect-error -- the builder hasn't been called
runner.adopt(work.tick);
// @ts-expect-error -- the builder takes the arguments itself
runner.execute(work.digest, { args: ['a.log'] });
// @ts-expect-error -- the builder hasn't been called
group([{ name: 'tick', payload: work.tick }]);
// @ts-expect-error -- one of the exports is to be called
runner.iterate(work);
// @ts-expect-error -- its arguments have been given
runner.execute(work.digest('a.log'), { args: ['b.log'] });
// @ts-expect-error -- its arguments have been given
runner.adopt(work.add(1, 2), { args: [1, 2] });
// @ts-expect-error -- it's of strings
const wrong: Payload<number> = work.digest('a.log');
void wrong;

export function read(payload: ThreadedPayload<string>): string | number {
  // @ts-expect-error -- it's for reading only
  payload.window = 1;
  // @ts-expect-error -- and so are its arguments
  payload.args.push(1);
  return payload.module + payload.export + payload.name + payload.window + payload.callerStack;
}

/* Options are checked. */

threaded<typeof module>('file:///app/work.js', { window: 16, overflow: 'drop-oldest' });
threaded<typeof module>('/app/work.js', {});

// @ts-expect-error -- a window is a number
threaded('/app/work.js', { window: '16' });
// @ts-expect-error -- there is no such policy
threaded('/app/work.js', { overflow: 'wait' });
// @ts-expect-error -- there is no option `size`
threaded('/app/work.js', { size: 2 });
// @ts-expect-error -- a module is given by its URL
threaded(import('./work.js'));
