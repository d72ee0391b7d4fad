import fc from 'fast-check';
import { Observable, throwError } from 'rxjs';
import {
  type Payload,
  RestartLimitError,
  Runner,
  type SuperviseOptions,
  constant,
  defineFlavour,
  supervise,
} from '../../src/index.js';
import { Clock } from './clock.js';
import { search } from './search.js';
import type { Settings } from './settings.js';

/** A source by its attempts; after the last one it goes on for ever. */
interface Source {
  readonly attempts: readonly {
    readonly lasts: number | 'no time';
    readonly ends: 'error' | 'complete';
  }[];
  readonly restart: 'never' | 'on-failure' | 'always';
  readonly delays: readonly number[];
  readonly resetAfter: number;
  readonly maxRestarts: number;
  readonly within: number;
}

const span = fc.constantFrom(0, 1, 10, 20, 50);

const sources: fc.Arbitrary<Source> = fc.record({
  attempts: fc.array(
    fc.record({
      lasts: fc.oneof(span, fc.constant('no time' as const)),
      ends: fc.constantFrom('error', 'complete'),
    }),
    { maxLength: 8 },
  ),
  restart: fc.constantFrom('never', 'on-failure', 'always'),
  delays: fc.array(span, { minLength: 1, maxLength: 4 }),
  resetAfter: span,
  maxRestarts: fc.constantFrom(0, 1, 2, 3, Infinity),
  within: span,
});

/** What is seen of a source from outside: when it's subscribed, and how it ends. */
interface Course {
  readonly subscribed: number[];
  end: string;
}

/** I22: `supervise` alone, a task, and `supervise` piped inside a task restart at the same times. */
export const checkCourses = (settings: Settings): Promise<string | undefined> =>
  search(sources, findDifference, (source) => JSON.stringify(source), settings);

function findDifference(source: Source): string[] {
  const alone = superviseAlone(source);
  const others = { adopted: adopt(source), piped: pipe(source) };
  return Object.entries(others).flatMap(([way, course]) =>
    JSON.stringify(course) === JSON.stringify(alone)
      ? []
      : [`I22: ${way} it is ${JSON.stringify(course)}, and alone ${JSON.stringify(alone)}`],
  );
}

function superviseAlone(source: Source): Course {
  const clock = new Clock();
  const course: Course = { subscribed: [], end: 'none' };
  toSource$(source, clock, course)
    .pipe(supervise({ ...toOptions(source), scheduler: clock }))
    .subscribe(toEnd(clock, course));
  clock.advance(2_000, 1_000);
  return course;
}

function adopt(source: Source): Course {
  const { clock, course, runner } = toRunner();
  const options = {
    ...toOptions(source),
    errors: 'deliver' as const,
    flavour: defineFlavour('virtual', clock),
  };
  runner.adopt(toSource$(source, clock, course), options).subscribe(toEnd(clock, course));
  return run(runner, clock, course);
}

function pipe(source: Source): Course {
  const { clock, course, runner } = toRunner();
  const payload: Payload = () =>
    toSource$(source, clock, course).pipe(supervise(toOptions(source)));
  runner
    .adopt(payload, { errors: 'deliver', flavour: defineFlavour('virtual', clock) })
    .subscribe(toEnd(clock, course));
  return run(runner, clock, course);
}

function toRunner() {
  const clock = new Clock();
  const course: Course = { subscribed: [], end: 'none' };
  return { clock, course, runner: new Runner({ scheduler: clock }) };
}

function run(runner: Runner, clock: Clock, course: Course): Course {
  void runner.run();
  clock.advance(2_000, 1_000);
  const seen = { ...course };
  void runner.shutdown();
  return seen;
}

function toSource$({ attempts }: Source, clock: Clock, { subscribed }: Course): Observable<never> {
  return new Observable((subscriber) => {
    const attempt = attempts[subscribed.length];
    subscribed.push(clock.now());
    const end = () => {
      if (attempt?.ends === 'error') subscriber.error(new Error(`attempt ${subscribed.length}`));
      else if (attempt) subscriber.complete();
    };
    if (attempt?.lasts === 'no time') end();
    else if (attempt) clock.after(attempt.lasts, end);
  });
}

function toOptions({ restart, delays, resetAfter, maxRestarts, within }: Source): SuperviseOptions {
  const backoff = (n: number) => delays[(n - 1) % delays.length] ?? 0;
  return { restart, backoff, resetAfter, maxRestarts, within };
}

const toEnd = (clock: Clock, course: Course) => ({
  complete: () => {
    course.end = `complete at ${clock.now()}`;
  },
  error: ({ name, message, cause }: Error) => {
    // The message of a RestartLimitError names the task.
    const said = name === 'RestartLimitError' ? (cause as Error | undefined)?.message : message;
    course.end = `${name} (${said ?? 'no cause'}) at ${clock.now()}`;
  },
});

/** I22: one within another restarts the product at most. */
export const checkNesting = (settings: Settings): Promise<string | undefined> =>
  search(
    fc.tuple(fc.nat(4), fc.nat(4), span),
    findTooMany,
    (drawn) => JSON.stringify(drawn),
    settings,
  );

function findTooMany([inner, outer, delay]: readonly [number, number, number]): string[] {
  const clock = new Clock();
  const terms = { backoff: constant(delay), within: 1e9, resetAfter: 1e9, scheduler: clock };
  let subscribed = 0;
  let end: unknown;
  const failing$ = new Observable<never>((subscriber) => {
    subscribed++;
    return throwError(() => new Error('crash')).subscribe(subscriber);
  });
  failing$
    .pipe(supervise({ ...terms, maxRestarts: inner }), supervise({ ...terms, maxRestarts: outer }))
    .subscribe({ error: (error: unknown) => (end = error) });
  clock.advance(10_000, 1_000);
  const product = (inner + 1) * (outer + 1);
  const found = subscribed === product ? [] : [`I22: ${subscribed} subscriptions, not ${product}`];
  if (!(end instanceof RestartLimitError)) found.push(`I22: it ended with ${String(end)}`);
  if (!clock.isEmpty) found.push('I39: a timer is left');
  return found;
}
