import type {
  CrashEvent,
  DownEvent,
  ExitEvent,
  LifecycleEvent,
  OverdueEvent,
  ReadyEvent,
  RestartEvent,
  ShutdownEvent,
  StartEvent,
  StoppingEvent,
  TaskEvent,
} from '../../src/index.js';
import type { Actor } from './actor.js';
import type { Run } from './run-program.js';
import type { Asked, Happening } from './trace.js';
import type { Turn } from './turn.js';

/** One attempt: what was told of it, and what its payload did. */
export interface AttemptLog {
  readonly life: LifeLog;
  readonly number: number;
  readonly start: StartEvent;
  readonly ready: ReadyEvent | undefined;
  readonly crash: CrashEvent | undefined;
  readonly stopping: StoppingEvent | undefined;
  readonly overdue: OverdueEvent | undefined;
  /** What closed it. */
  readonly close: RestartEvent | ExitEvent | undefined;
  /** None when the payload was never entered. */
  readonly turn: Turn | undefined;
  readonly facts: readonly Happening[];
}

/** All that has one id. */
export interface LifeLog {
  readonly id: number;
  readonly actor: Actor;
  readonly events: readonly TaskEvent[];
  readonly attempts: readonly AttemptLog[];
  readonly exit: ExitEvent | undefined;
  readonly asked: readonly (Asked & Happening)[];
}

/** One run, sorted. */
export interface History {
  readonly run: Run;
  readonly log: readonly LifecycleEvent[];
  readonly trace: readonly Happening[];
  readonly lives: readonly LifeLog[];
  readonly shutdown: ShutdownEvent | undefined;
  readonly down: DownEvent | undefined;
  /** When, in the order of what happened, an event was delivered. */
  readonly nthOf: (event: LifecycleEvent) => number;
}

export const isTaskEvent = (event: LifecycleEvent): event is TaskEvent => 'task' in event;

/** @returns What has to be told apart by the invariants. */
export function toHistory(run: Run): History {
  const { log, trace, actors } = run.world;
  const nths = new Map<number, number>();
  for (const each of trace) if (each.fact === 'told') nths.set(each.event.seq, each.nth);
  const byId = groupBy(log.filter(isTaskEvent), ({ id }) => id);
  const byTurn = groupBy(trace.filter(hasTurn), ({ turn }) => turn);
  const asked = trace.filter(isAsked);
  const lives = actors.map((actor) => {
    const own = asked.filter((each) => each.actor === actor);
    return toLife(actor, byId.get(actor.id) ?? [], own, byTurn);
  });
  return {
    run,
    log,
    trace,
    lives,
    shutdown: log.find((event) => event.type === 'shutdown'),
    down: log.find((event) => event.type === 'down'),
    nthOf: ({ seq }) => nths.get(seq) ?? Infinity,
  };
}

function toLife(
  actor: Actor,
  events: readonly TaskEvent[],
  asked: readonly (Asked & Happening)[],
  byTurn: ReadonlyMap<Turn, readonly Happening[]>,
): LifeLog {
  const attempts: AttemptLog[] = [];
  const exit = events.find((event) => event.type === 'exit');
  const life: LifeLog = { id: actor.id, actor, events, attempts, exit, asked };
  const starts = events.filter((event) => event.type === 'start');
  for (const start of starts) {
    const from = events.indexOf(start);
    const rest = events.slice(from + 1);
    const next = rest.findIndex(
      ({ type }) => type === 'start' || type === 'restart' || type === 'exit',
    );
    const until = next === -1 ? rest.length : next;
    const own = rest.slice(0, until);
    const close = rest[until];
    const turn = actor.turns.find(({ attempt }) => attempt === start.attempt);
    attempts.push({
      life,
      number: start.attempt,
      start,
      ready: own.find((event) => event.type === 'ready'),
      crash: own.find((event) => event.type === 'crash'),
      stopping: own.find((event) => event.type === 'stopping'),
      overdue: own.find((event) => event.type === 'overdue'),
      close: close?.type === 'restart' || close?.type === 'exit' ? close : undefined,
      turn,
      facts: turn ? (byTurn.get(turn) ?? []) : [],
    });
  }
  return life;
}

/** Whether the attempt completed by itself, and nothing made a crash of that. */
export const completedItself = ({ turn, crash }: AttemptLog): boolean =>
  turn?.endedItself === true && !crash;

/** The crash, if it's the attempt's own and not an error while it was being stopped. */
export const ownCrash = ({ crash, stopping }: AttemptLog): CrashEvent | undefined =>
  (crash?.seq ?? Infinity) < (stopping?.seq ?? Infinity) ? crash : undefined;

/** The lives that an attempt has brought about. */
export const childrenOf = ({ lives }: History, { turn }: AttemptLog): readonly LifeLog[] =>
  turn ? lives.filter(({ actor }) => actor.parent === turn) : [];

const isAsked = (each: Happening): each is Asked & Happening => each.fact === 'asked';

const hasTurn = (each: Happening): each is Happening & { turn: Turn } => 'turn' in each;

function groupBy<T, K>(all: readonly T[], key: (each: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const each of all) {
    const k = key(each);
    const group = groups.get(k);
    if (group) group.push(each);
    else groups.set(k, [each]);
  }
  return groups;
}
