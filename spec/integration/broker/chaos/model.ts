// What may come about in a fleet whatever happens to it, and what not: checked in what its processes have
// written down, and in what the database has, of each job by itself.

/** What a process of the fleet has written down, or whoever kills them: all in the order of time. */
export type Line = Begin | End | Gone;

export interface Begin extends At {
  readonly type: 'begin';
  readonly n: number;
  readonly attempt: number;
}

export interface End extends At {
  readonly type: 'end';
  readonly n: number;
  readonly attempt: number;
  readonly how: 'done' | 'failed' | 'stopped';
}

/** The process is dead, by `kill -9`, or has ended as it was asked to. */
export interface Gone extends At {
  readonly type: 'killed' | 'left';
}

interface At {
  readonly pid: number;
  /** In ms, by a clock that all processes have. */
  readonly at: number;
}

/** A change of a job in the database, in their order. */
export interface Change {
  readonly id: string;
  readonly n: number;
  readonly key: string;
  readonly group?: string | null;
  readonly state: State;
  /** How often it was claimed before. */
  readonly retryCount: number;
  /** Whether its last claim counts: not if it was given back. */
  readonly isBegun: boolean;
}

type State = 'created' | 'retry' | 'active' | 'completed' | 'cancelled' | 'failed';

/** A time in which the database was away, in ms. */
export interface Outage {
  readonly from: number;
  readonly to: number;
}

/** How many may run at a time: in all, and of one group. */
export interface Limits {
  readonly fleetConcurrency?: number;
  readonly groupConcurrency?: number;
}

export interface Story {
  /** The ids that submitters have been given. */
  readonly accepted: readonly string[];
  readonly lines: readonly Line[];
  readonly changes: readonly Change[];
  readonly outages: readonly Outage[];
  readonly limits?: Limits;
}

/** How often a job is begun again whose machine was lost with it, one after the other. */
const LOST_AT_MOST = 3;
/** How long a process that lives may take until what it has done is settled, in ms, while there's a database. */
const SETTLED_WITHIN = 5_000;

/** What of a story may not be; nothing, if all is well. */
export function violationsOf(story: Story): string[] {
  const jobs = groupBy(story.changes, ({ id }) => id);
  const attempts = groupBy(story.lines.filter(isOfJob), ({ n }) => n);
  const numbers = new Set(story.changes.map(({ n }) => n));
  const unknown = [...attempts.keys()].filter((n) => !numbers.has(n));
  const world = new World(story);
  return [
    ...story.accepted.filter((id) => !jobs.has(id)).map((id) => `${id}: accepted and never there`),
    ...unknown.map((n) => `job ${n}: done and never there`),
    ...[...jobs.values()].flatMap((changes) => {
      const { n = NaN, id } = changes[0] ?? {};
      const lines = attempts.get(n) ?? [];
      const wrong = [...lifeOf(changes), ...tellOf(lines, world), ...bothOf(changes, lines)];
      return wrong.map((what) => `job ${n} (${id}): ${what}`);
    }),
    ...keysOf(story.changes),
    ...crowdsOf(story),
  ];
}

const isGone = (line: Line): line is Gone => line.type === 'killed' || line.type === 'left';
const isOfJob = (line: Line): line is Begin | End => !isGone(line);

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** What is known of all processes. */
class World {
  readonly #gone: Map<number, Gone>;
  readonly #indexes: Map<Line, number>;
  readonly #outages: readonly Outage[];

  constructor({ lines, outages }: Story) {
    this.#indexes = new Map(lines.map((line, index) => [line, index]));
    this.#gone = new Map(lines.filter(isGone).map((line) => [line.pid, line]));
    this.#outages = outages;
  }

  /** How the process of a line had come to its end before another line was written. */
  goneBetween(line: Line, next: Line): Gone | undefined {
    const gone = this.#gone.get(line.pid);
    return gone && this.#indexOf(gone) < this.#indexOf(next) ? gone : undefined;
  }

  /** How long there was a database in between. */
  servedBetween(from: number, to: number): number {
    const away = this.#outages.map((each) => Math.min(each.to, to) - Math.max(each.from, from));
    return to - from - away.reduce((sum, each) => sum + Math.max(each, 0), 0);
  }

  #indexOf(line: Line): number {
    return this.#indexes.get(line) ?? NaN;
  }
}

/** What becomes of a job in the database. */
const NEXT: Readonly<Record<State, readonly State[]>> = {
  created: ['active'],
  retry: ['active'],
  active: ['created', 'retry', 'completed', 'failed'],
  completed: [],
  failed: [],
  cancelled: [],
};

/** What the database says: one claim after the other, numbered 1, 2, 3…, and one completion in the end. */
function lifeOf(changes: readonly Change[]): string[] {
  const wrong: string[] = [];
  const [first] = changes;
  const completions = changes.filter(({ state }) => state === 'completed').length;
  if (first?.state !== 'created' || first.retryCount !== 0) wrong.push(`begins as ${first?.state}`);
  if (completions > 1) wrong.push(`completed ${completions} times`);
  for (const [index, { state, retryCount }] of changes.entries()) {
    const before = changes[index - 1];
    if (!before) continue;
    if (!NEXT[before.state].includes(state)) wrong.push(`${state} after ${before.state}`);
    const claims = before.retryCount + (state === 'active' && before.isBegun ? 1 : 0);
    if (retryCount !== claims) wrong.push(`claim ${retryCount + 1} where ${claims + 1} was due`);
  }
  const last = changes.at(-1)?.state;
  if (completions === 0 && last !== 'failed') wrong.push(`lost: ${last} in the end`);
  return wrong;
}

/** What the processes say: one attempt after the other, and none after one that was done and settled. */
function tellOf(lines: readonly (Begin | End)[], world: World): string[] {
  const wrong: string[] = [];
  let before: Begin | End | undefined;
  for (const line of lines) {
    if (line.type === 'end') {
      const isIts = before?.type === 'begin' && before.attempt === line.attempt;
      if (!isIts || before?.pid !== line.pid) wrong.push(`attempt ${line.attempt} ended unbegun`);
    } else if (before) {
      wrong.push(...twoOf(before, line, world));
    }
    before = line;
  }
  return wrong;
}

function twoOf(before: Begin | End, next: Begin, world: World): string[] {
  const gone = world.goneBetween(before, next);
  const pair = `attempt ${next.attempt} (pid ${next.pid}) and ${before.attempt} (pid ${before.pid})`;
  const how = before.type === 'begin' ? 'running' : before.how;
  const wrong: string[] = [];
  if (how === 'running' && !gone) wrong.push(`${pair} overlap`);
  if (how === 'done' && !isExcused(before, gone, world)) wrong.push(`${pair} were both done`);
  const least = how === 'stopped' ? before.attempt : before.attempt + 1;
  if (next.attempt < least) wrong.push(`${pair} in this order`);
  return wrong;
}

/** Whether a process could not say what it had done: it had no time to, or nobody to say it to. */
function isExcused(done: Line, gone: Gone | undefined, world: World): boolean {
  if (!gone) return false;
  const served = world.servedBetween(done.at, gone.at);
  return gone.type === 'killed' ? served < SETTLED_WITHIN : served < gone.at - done.at;
}

/** What both say: who is at it has claimed it, and it's completed by the one who has done it. */
function bothOf(changes: readonly Change[], lines: readonly (Begin | End)[]): string[] {
  const wrong: string[] = [];
  const claims = new Set(
    changes.filter(({ state }) => state === 'active').map(({ retryCount }) => retryCount + 1),
  );
  for (const { type, attempt } of lines) {
    if (type === 'begin' && !claims.has(attempt)) wrong.push(`attempt ${attempt} was not claimed`);
  }
  for (const { state, retryCount } of changes) {
    if (state === 'failed') wrong.push(...deadOf(retryCount, lines));
    if (state !== 'completed') continue;
    const isDone = lines.some(
      (line) => line.type === 'end' && line.how === 'done' && line.attempt === retryCount + 1,
    );
    if (!isDone) wrong.push(`completed by attempt ${retryCount + 1}, which was not done`);
  }
  return wrong;
}

/** It's dead only when it was lost time and again. */
function deadOf(retryCount: number, lines: readonly (Begin | End)[]): string[] {
  const lost = retryCount + 1 - Math.max(0, ...lines.filter(hasFailed).map((each) => each.attempt));
  return lost > LOST_AT_MOST ? [] : [`dead after ${lost} lost attempts`];
}

const hasFailed = (line: Begin | End) => line.type === 'end' && line.how === 'failed';

/** Of the jobs of one key there's one at a time. */
function keysOf(changes: readonly Change[]): string[] {
  const wrong: string[] = [];
  const living = new Map<string, string>();
  for (const { key, id, state } of changes) {
    const other = living.get(key);
    if (OVER.has(state)) living.delete(key);
    else if (other !== undefined && other !== id) {
      wrong.push(`jobs ${other} and ${id} of the key ${key} at once`);
    } else living.set(key, id);
  }
  return wrong;
}

const OVER: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled']);

/** No more run at a time than may. Those of a process that is gone don't. */
function crowdsOf({ lines, changes, limits = {} }: Story): string[] {
  const { fleetConcurrency = Infinity, groupConcurrency = Infinity } = limits;
  const groups = new Map(changes.map(({ n, group }) => [n, group ?? undefined]));
  const wrong: string[] = [];
  let running: Begin[] = [];
  for (const line of lines) {
    if (isGone(line)) running = running.filter(({ pid }) => pid !== line.pid);
    else if (line.type === 'end') running = running.filter(({ n }) => n !== line.n);
    else {
      running.push(line);
      const group = groups.get(line.n);
      const ofGroup = running.filter(({ n }) => group !== undefined && groups.get(n) === group);
      if (running.length > fleetConcurrency) wrong.push(`${running.length} jobs at once`);
      if (ofGroup.length > groupConcurrency)
        wrong.push(`${ofGroup.length} of group ${group} at once`);
    }
  }
  return wrong;
}
