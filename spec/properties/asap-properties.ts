import fc from 'fast-check';
import { type SchedulerAction, type Subscription, config } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { AsapScheduler } from '../../src/schedulers/asap-scheduler.js';
import { search } from './search.js';
import type { Settings } from './settings.js';

/** What a piece of work does when its turn comes. */
type Step =
  | { readonly step: 'schedule'; readonly work: readonly Step[] }
  | { readonly step: 'cancel'; readonly nth: number }
  | { readonly step: 'again' }
  | { readonly step: 'throw' };

type Work = readonly Step[];

const { works } = fc.letrec<{ works: readonly Work[]; work: Work; step: Step }>((tie) => ({
  works: fc.array(tie('work'), { maxLength: 6 }),
  work: fc.array(tie('step'), { maxLength: 3 }),
  step: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant<Step>({ step: 'throw' }),
    fc.constant<Step>({ step: 'again' }),
    fc.record({ step: fc.constant('cancel'), nth: fc.nat(8) }),
    fc.record({ step: fc.constant('schedule'), work: tie('work') }),
  ),
}));

/** I45: work runs in the order in which it was scheduled, and what throws drops nothing else. */
export const checkAsap = (settings: Settings): Promise<string | undefined> =>
  search(works, findDisorder, (drawn) => JSON.stringify(drawn), settings);

function findDisorder(drawn: readonly Work[]): string[] {
  const real = runReal(drawn);
  const model = runModel(drawn);
  const found: string[] = [];
  if (real.ran.join() !== model.ran.join())
    found.push(`I45: it ran ${real.ran.join()}, not ${model.ran.join()}`);
  if (real.thrown.join() !== model.thrown.join())
    found.push(`I45: it surfaced ${real.thrown.join()}, not ${model.thrown.join()}`);
  return found;
}

interface Course {
  /** Which work ran, by the order in which it was first scheduled. */
  readonly ran: number[];
  readonly thrown: string[];
}

/** Work that is scheduled again is so once. */
function runReal(drawn: readonly Work[]): Course {
  const scheduler = new AsapScheduler();
  const course: Course = { ran: [], thrown: [] };
  const scheduled: Subscription[] = [];
  const schedule = (work: Work) => {
    const number = scheduled.length;
    let again = false;
    const run = function (this: SchedulerAction<unknown>) {
      course.ran.push(number);
      if (again) return;
      for (const step of work) {
        if (step.step === 'throw') throw new Error(`${number}`);
        if (step.step === 'schedule') schedule(step.work);
        else if (step.step === 'cancel') scheduled[step.nth]?.unsubscribe();
        else {
          again = true;
          this.schedule();
        }
      }
    };
    // Its place is taken before it's known, since it must not run at once.
    scheduled.push(undefined as unknown as Subscription);
    scheduled[number] = scheduler.schedule(run);
  };
  const { onUnhandledError } = config;
  config.onUnhandledError = (error: Error) => course.thrown.push(error.message);
  try {
    new TestScheduler(() => undefined).run(() => {
      drawn.forEach(schedule);
    });
  } catch (error) {
    course.thrown.push(`out of the queue: ${String(error)}`);
  }
  config.onUnhandledError = onUnhandledError;
  return course;
}

interface Modelled {
  readonly number: number;
  readonly work: Work;
  ranOnce: boolean;
  queued: boolean;
  closed: boolean;
}

function runModel(drawn: readonly Work[]): Course {
  const course: Course = { ran: [], thrown: [] };
  const all: Modelled[] = [];
  const queue: Modelled[] = [];
  const enqueue = (one: Modelled) => {
    if (one.closed || one.queued) return;
    one.queued = true;
    queue.push(one);
  };
  const schedule = (work: Work) => {
    const one = { number: all.length, work, ranOnce: false, queued: false, closed: false };
    all.push(one);
    enqueue(one);
  };
  drawn.forEach(schedule);
  for (let one = queue.shift(); one; one = queue.shift()) {
    one.queued = false;
    if (one.closed) continue;
    course.ran.push(one.number);
    if (one.ranOnce) continue;
    for (const step of one.work) {
      if (step.step === 'throw') {
        one.closed = true;
        course.thrown.push(`${one.number}`);
        break;
      }
      if (step.step === 'schedule') schedule(step.work);
      else if (step.step === 'again') {
        one.ranOnce = true;
        enqueue(one);
      } else if (all[step.nth]) all[step.nth]!.closed = true;
    }
  }
  return course;
}
