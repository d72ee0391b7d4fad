import { Subscriber, config } from 'rxjs';
import type { LifecycleEvent } from '../../src/index.js';
import { toPrograms } from './commands.js';
import type { Program } from './program.js';
import { type Run, runProgram } from './run-program.js';
import { sayHappening, sayProgram } from './say.js';
import { search } from './search.js';
import type { Settings } from './settings.js';
import type { Attend } from './world.js';

/** I23: the same program makes the same log; and its events survive a copy (I6). */
export const checkTwins = (settings: Settings): Promise<string | undefined> =>
  search(
    toPrograms({ length: 8, meddlers: 1 }),
    async (program) => {
      const one = await runProgram(program);
      const other = await runProgram(program);
      return [
        ...differ('I23: run again', sayLog(one), sayLog(other)),
        ...one.world.log.flatMap(survives),
      ];
    },
    sayProgram,
    settings,
  );

function survives(event: LifecycleEvent): string[] {
  try {
    const { type, seq } = structuredClone(event);
    return type === event.type && seq === event.seq
      ? []
      : [`I6: event ${seq} is another when it is copied`];
  } catch {
    return [`I6: event ${event.seq} can't be copied`];
  }
}

/** I41: observers that throw change no log, and without any the same is done. */
export const checkObservers = (settings: Settings): Promise<string | undefined> =>
  search(toPrograms({ length: 8 }), findInfluence, sayProgram, settings);

async function findInfluence(program: Program): Promise<string[]> {
  const { onUnhandledError } = config;
  let surfaced = 0;
  config.onUnhandledError = () => surfaced++;
  const alone = await runProgram(program);
  const thrown = { times: 0 };
  const disturbed = await runProgram(program, [], throwAll(thrown));
  const unseen = await runProgram(program, [], () => undefined);
  // Unhandled errors surface on a later tick.
  await new Promise((resolve) => setTimeout(resolve, 1));
  config.onUnhandledError = onUnhandledError;
  return [
    ...differ('I41: with observers that throw', sayLog(alone), sayLog(disturbed)),
    ...differ('I41: unobserved', sayDeeds(alone), sayDeeds(unseen)),
    ...(surfaced === thrown.times
      ? []
      : [`I41: ${thrown.times} errors were thrown and ${surfaced} surfaced`]),
  ];
}

/** Some of them are fenced by RxJS, some by nobody but the runner. */
const throwAll =
  (thrown: { times: number }): Attend =>
  (events$, record) => {
    const explode = () => {
      thrown.times++;
      throw new Error('an observer');
    };
    events$.subscribe(explode);
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- a subscriber is fenced by nobody
    const bare = new Subscriber<LifecycleEvent>();
    bare.next = explode;
    events$.subscribe(bare);
    record();
    events$.subscribe(explode);
  };

const sayLog = ({ world }: Run) => world.trace.map(sayHappening);

const sayDeeds = ({ world }: Run) =>
  world.trace.filter(({ fact }) => fact !== 'told').map(sayHappening);

function differ(what: string, one: readonly string[], other: readonly string[]): string[] {
  const at = one.findIndex((line, i) => line !== other[i]);
  if (at === -1 && one.length === other.length) return [];
  const place = at === -1 ? one.length : at;
  return [
    `${what}, line ${place} is "${other[place] ?? 'missing'}", not "${one[place] ?? 'missing'}"`,
  ];
}
