import { Observable } from 'rxjs';
import {
  type AdoptOptions,
  type ExecuteOptions,
  type Flavour,
  type MemberSpec,
  type Payload,
  type SuperviseOptions,
  type TaskContext,
  defineFlavour,
  group,
  supervise,
} from '../../src/index.js';
import { Actor } from './actor.js';
import { toBackoff } from './backoffs.js';
import { listen } from './listening.js';
import type { Act, Member, Task, Terms } from './program.js';
import { Turn } from './turn.js';
import type { World } from './world.js';

/** How many tasks there may ever be in one program, besides the members of groups. */
const CROWD = 10;

/** Who a task is adopted by: a runner, or the context of an attempt. */
interface Host {
  adopt(payload: Payload, options: AdoptOptions): Observable<unknown>;
  execute(payload: Payload, options: ExecuteOptions): Observable<unknown>;
}

/** How the tasks of a program come about, and who plays in them. */
export class Casting {
  readonly #world: World;
  readonly #flavour: Flavour;
  /** Who comes about without being adopted by the program: by the path of the life to be. */
  readonly #expected = new Map<string, (id: number) => Actor>();

  constructor(world: World) {
    this.#world = world;
    this.#flavour = defineFlavour('virtual', world.clock);
  }

  adopt(task: Task, watched: boolean, parent?: Turn, context?: TaskContext): void {
    const { actors, runner } = this.#world;
    if (actors.length >= CROWD) return;
    const actor = new Actor(task, 'adopt', parent);
    const { terms } = task;
    const options = { ...this.#optionsOf(terms), ...this.#policyOf(terms, () => actor) };
    const name = `t${actors.length + 1}`;
    const wasStopping = runner.state === 'stopping' || runner.state === 'stopped';
    try {
      const host: Host = context ?? runner;
      actor.values$ = host.adopt(
        this.#payloadOf(task, () => actor),
        { ...options, name },
      );
    } catch (error) {
      if (!wasStopping) throw error;
      const { code } = error as { code?: unknown };
      this.#world.note({
        fact: 'refused',
        call: 'adopt',
        code,
        wanted: 'ERR_RXVISOR_RUNNER_STATE',
      });
      return;
    }
    const { id, name: path } = runner.tasks().at(-1)!;
    this.#register(actor, id, path);
    if (watched) listen(this.#world, actor);
  }

  execute(task: Task, parent?: Turn, context?: TaskContext): void {
    const { actors, runner } = this.#world;
    if (actors.length >= CROWD) return;
    const actor = new Actor(task, 'execute', parent);
    const options = { ...this.#optionsOf(task.terms), name: `t${actors.length + 1}` };
    const host: Host = context ?? runner;
    actor.values$ = host.execute(
      this.#payloadOf(task, () => actor),
      options,
    );
    const lives = runner.tasks().length;
    const listener = listen(this.#world, actor);
    const life = runner.tasks().at(-1);
    if (life && runner.tasks().length > lives) this.#register(actor, life.id, life.name);
    else {
      const { code } = (listener.end as { error?: { code?: unknown } }).error ?? {};
      const wanted = 'ERR_RXVISOR_RUNNER_STATE';
      this.#world.note({ fact: 'refused', call: 'execute', code, wanted });
    }
  }

  /** A child of an attempt. */
  bear(act: Act & { readonly task: Task }, parent: Turn, context: TaskContext): void {
    try {
      if (act.act === 'adopt') this.adopt(act.task, act.watched, parent, context);
      else this.execute(act.task, parent, context);
    } catch (error) {
      const { code } = error as { code?: unknown };
      const wanted = 'ERR_RXVISOR_RUNNER_STATE';
      this.#world.note({ fact: 'refused', call: act.act, code, wanted });
    }
  }

  /** The payload of a group, for one attempt of it. */
  toGroup(turn: Turn): (context: TaskContext) => Observable<never> {
    const { members = [], strategy = 'one-for-one' } = turn.actor.task;
    const specs = members.map((member, i) => this.#toSpec(turn, member, i));
    return group(specs, { strategy });
  }

  #toSpec(turn: Turn, member: Member, i: number): MemberSpec {
    const { task, after, significant } = member;
    const name = `m${i}`;
    const actorOf = this.#expect(`${turn.actor.name}/${name}`, task, turn, 'group', member);
    const { errors: _, ...terms } = task.terms;
    return {
      name,
      payload: this.#payloadOf(task, actorOf),
      ...this.#optionsOf(terms),
      ...this.#policyOf(terms, actorOf),
      after: after.map((nth) => `m${nth}`),
      significant,
    };
  }

  /** What a supervised pipe is made of, for one attempt of it. */
  toPipe(turn: Turn): Observable<unknown> {
    const { source } = turn.actor.task;
    if (!source) throw new Error('a supervised pipe needs a source');
    const path = `${turn.actor.name}/supervised`;
    const actorOf = this.#expect(path, source, turn, 'pipe', undefined);
    const { grace: _, awaitReady: __, errors: ___, ...terms } = source.terms;
    const options: SuperviseOptions = this.#policyOf(terms, actorOf);
    return (this.#payloadOf(source, actorOf) as Observable<unknown>).pipe(supervise(options));
  }

  /** Whoever lives and is not known yet. */
  recruitAll(): void {
    for (const { id, name } of this.#world.runner.tasks()) this.recruit(id, name);
  }

  recruit(id: number, path: string): void {
    if (!this.#world.actors.some((actor) => actor.id === id)) this.#expected.get(path)?.(id);
  }

  #expect(
    path: string,
    task: Task,
    parent: Turn,
    inside: 'group' | 'pipe',
    member: Member | undefined,
  ): () => Actor {
    let known: Actor | undefined;
    this.#expected.set(path, (id) => {
      known = new Actor(task, 'adopt', parent, member);
      known.inside = inside;
      this.#register(known, id, path);
      return known;
    });
    return () => {
      this.recruitAll();
      if (!known) throw new Error(`nobody is known to live as ${path}`);
      return known;
    };
  }

  #register(actor: Actor, id: number, name: string): void {
    actor.id = id;
    actor.name = name;
    this.#world.actors.push(actor);
    this.#world.note({ fact: 'born', actor });
  }

  #payloadOf({ shape }: Task, actorOf: () => Actor): Payload {
    const begin = () => {
      const actor = actorOf();
      const attempt = this.#world.infoOf(actor.id)?.attempt ?? 0;
      const turn = new Turn(this.#world, actor, attempt);
      actor.turns.push(turn);
      return turn;
    };
    if (shape !== 'an Observable') return (context: TaskContext) => begin().call(context);
    return new Observable((subscriber) => begin().subscribe(subscriber));
  }

  #optionsOf({ grace }: Terms): AdoptOptions {
    return { flavour: this.#flavour, ...(grace !== undefined && { grace }) };
  }

  #policyOf({ grace: _, backoff: spec, ...others }: Terms, actorOf: () => Actor): object {
    const backoff = (n: number) => {
      const actor = actorOf();
      actor.backoff ??= toBackoff(spec!, actor, actor.id);
      return actor.backoff(n);
    };
    return { ...others, ...(spec && { backoff }) };
  }
}
