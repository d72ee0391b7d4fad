import { type Observable, of } from 'rxjs';
import type { Runner, TaskContext } from '../../src/index.js';
import type { Brought, Equal, Expect } from './support.js';

declare const runner: Runner;
declare const context: TaskContext;

export type Members = [
  Expect<
    Equal<
      keyof TaskContext,
      'name' | 'attempt' | 'signal' | 'ready' | 'onTeardown' | 'adopt' | 'execute'
    >
  >,
  Expect<Equal<TaskContext['name'], string>>,
  Expect<Equal<TaskContext['attempt'], number>>,
  Expect<Equal<TaskContext['signal'], AbortSignal>>,
  Expect<Equal<ReturnType<TaskContext['ready']>, void>>,
];

/* It may be taken apart, and is for reading only. */

runner.adopt(({ signal, ready, onTeardown, adopt, execute }) => {
  ready();
  onTeardown(() => signal.aborted);
  return [adopt, execute].length;
});

// @ts-expect-error -- the name is for reading only
context.name = 'another';
// @ts-expect-error -- the signal is for reading only
context.signal = AbortSignal.abort();
// @ts-expect-error -- a teardown is a function
context.onTeardown(Promise.resolve());

/* A child is adopted and executed as on the runner, with the same inference. */

const child = context.adopt(of(1), { name: 'child', restart: 'always' });
const byFunction = context.adopt((path: string) => path.length, { args: ['a.log'] });
const executed$ = context.execute(async () => Promise.resolve('a'));

export type Children = [
  Expect<Equal<Brought<typeof child>, number>>,
  Expect<Equal<Brought<typeof byFunction>, number>>,
  Expect<Equal<typeof executed$, Observable<string>>>,
  Expect<Equal<ReturnType<typeof child.stop>, Promise<void>>>,
  Expect<Equal<typeof child.name, string>>,
];

// @ts-expect-error -- an execution isn't restarted
context.execute(of(1), { restart: 'always' });
// @ts-expect-error -- the argument is missing
context.adopt((path: string) => path.length);
