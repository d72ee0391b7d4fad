import { type Observable, of } from 'rxjs';
import { type AdoptedTask, Runner, type TaskContext } from '../../src/index.js';
import type { Equal, Expect } from './support.js';

declare const runner: Runner;

const tail = (path: string, lines: number, context: TaskContext) =>
  of(`${path} ${lines} ${context.name}`);
const add = (a: number, b: number) => a + b;
const poll = (context: TaskContext) => context.attempt;
const tick = () => 1;
const rest = (...all: unknown[]) => all.length;

/* Arguments come before the context, and the types of both are checked. */

const tailed = runner.adopt(tail, { args: ['a.log', 10] });
const executed$ = runner.execute(tail, { args: ['a.log', 10] });
const iterated = runner.iterate(tail, { args: ['a.log', 10] });
const added = runner.adopt(add, { args: [1, 2] });
const polled = runner.adopt(poll);
const polledWithOptions = runner.adopt(poll, { name: 'poll' });
const polledWithNoArguments = runner.adopt(poll, { args: [] });
const ticked = runner.adopt(tick, { flavour: 'async' });
const ignoring = runner.adopt(tick, { args: [1] });
const rested = runner.adopt(rest, { args: [1, 2, 3] });

export type Inferred = [
  Expect<Equal<typeof tailed, AdoptedTask<string>>>,
  Expect<Equal<typeof executed$, Observable<string>>>,
  Expect<Equal<typeof iterated, AsyncIterableIterator<string>>>,
  Expect<Equal<typeof added, AdoptedTask<number>>>,
  Expect<Equal<typeof polled, AdoptedTask<number>>>,
  Expect<Equal<typeof polledWithOptions, AdoptedTask<number>>>,
  Expect<Equal<typeof polledWithNoArguments, AdoptedTask<number>>>,
  Expect<Equal<typeof ticked, AdoptedTask<number>>>,
  Expect<Equal<typeof ignoring, AdoptedTask<number>>>,
  Expect<Equal<typeof rested, AdoptedTask<number>>>,
];

/* A function in place is given its types by its arguments, and the context after them. */

runner.adopt((context) => context.signal);
runner.adopt(
  (path, lines, context) => {
    const given: [string, number, TaskContext] = [path, lines, context];
    return given.length;
  },
  { args: ['a.log', 10] },
);
runner.execute(async (context) => {
  context.onTeardown(async () => Promise.resolve());
  await Promise.resolve();
});

/* What doesn't fit is refused. */

// @ts-expect-error -- the arguments are missing
runner.adopt(tail);
// @ts-expect-error -- the arguments are missing from the options
runner.adopt(tail, { name: 'tail' });
// @ts-expect-error -- one argument is missing
runner.adopt(tail, { args: ['a.log'] });
// @ts-expect-error -- the second argument is a number
runner.adopt(tail, { args: ['a.log', '10'] });
// @ts-expect-error -- the arguments are in the wrong order
runner.execute(tail, { args: [10, 'a.log'] });
// @ts-expect-error -- there is one argument too many
runner.iterate(tail, { args: ['a.log', 10, true] });
// @ts-expect-error -- the context comes after the arguments, and is no number
runner.adopt((...numbers: number[]) => numbers.length, { args: [1, 2] });
// @ts-expect-error -- the context comes after the arguments, in place of the optional one
runner.adopt((path: string, lines?: number) => path.length, { args: ['a.log'] });
// @ts-expect-error -- the arguments are missing, also for a function that takes no context
runner.adopt(add);
// @ts-expect-error -- an Observable takes no arguments
runner.adopt(of(1), { args: [1] });
// @ts-expect-error -- undefined is not the same as no arguments
runner.adopt(tail, { args: undefined });
