import { InvalidPayloadError, RunnerStateError } from '../errors.js';
import type { Runner } from '../runner/runner.js';
import { peek, show } from '../show.js';
import { SERVICE, type ServiceMark } from '../task/is-service.js';
import type { TaskContext } from '../task/shapes.js';
import { isInThread } from '../thread/mark.js';
import { enlist } from './enlist.js';
import { type Service, type ServiceOptions, toService } from './options.js';
import { toPayload, toThreadedPayload } from './to-payload.js';

/** A class whose instances can be run. */
export type ServiceClass = new (...args: never[]) => Runnable;

interface Runnable {
  run(context: TaskContext): unknown;
}

/** Makes a service of a class: with `@`, or called with the class alone. */
export type ServiceDecorator = <C extends ServiceClass>(
  Class: C,
  context?: ClassDecoratorContext<C>,
) => C;

/**
 * Makes services of the instances of a class: each is adopted by itself, when all its constructors have
 * finished, and its `run` is called once per attempt, like a function payload.
 *
 *     @service({ restart: 'on-failure' })
 *     class Poller { async run({ signal }: TaskContext) { … } }
 *     new Poller();
 *     await runtime.run({ signals: true });
 *
 * The task is named after the class, further instances `Poller#2`… Subclasses are services, too, with
 * the options of the nearest decorated class; one whose constructor may throw after `super()` is to be
 * decorated itself, since nobody else can tell that it has. An instance is kept for as long as it's run.
 *
 * What is called as a function leaves a class's name, within its own body, to the class that it was
 * given; so does esbuild, and with it tsx, even with `@` (its issue 3968). An instance made there by
 * that name is not adopted: make it with `new this.constructor()`, or outside.
 *
 * @param options  Those of `adopt`, besides `runner` and `module`: see {@link ServiceOptions}.
 * @returns A standard decorator, which is also a function of a class. The class that it returns throws
 *   {@link RunnerStateError} when its runner is stopping or has stopped, before anything is constructed.
 * @throws {@link InvalidOptionError}; what it returns, {@link InvalidPayloadError} for a class without `run`.
 * @see cobald's `service`
 */
export function service(options: ServiceOptions = {}): ServiceDecorator {
  const terms = toService(options);
  return (Class) => toServiceClass(Class, terms);
}

/** It's the same class to the eye, in `instanceof`, and for its statics; only what `new` does is another matter. */
function toServiceClass<C extends ServiceClass>(Class: C, terms: Service): C {
  checkClass(Class);
  const { module, runner, adoption } = terms;
  const construct = (target: C, args: readonly unknown[], newTarget: object) => {
    const make = () => Reflect.construct(target, args, newTarget as C) as Runnable;
    // A subclass that is decorated sees to its instance when its own constructor has finished.
    const isNearest = (newTarget as Partial<ServiceMark>)[SERVICE] === decorated;
    if (!isNearest || isInThread()) return make();
    const name = terms.name ?? nameOf(newTarget);
    checkState(name, runner);
    if (module && newTarget !== decorated) {
      throw new InvalidPayloadError(undecorated(nameOf(newTarget)));
    }
    const instance = make();
    checkInstance(name, instance);
    const payload = module
      ? toThreadedPayload({ module, export: nameOf(target), name }, args, construct)
      : toPayload(name, (context) => instance.run(context));
    enlist(instance, runner, payload, adoption);
    return instance;
  };
  const get = (target: C, member: string | symbol, receiver: unknown): unknown =>
    member === SERVICE ? decorated : Reflect.get(target, member, receiver);
  const decorated = new Proxy(Class, { construct, get });
  const { prototype } = Class as { readonly prototype: object };
  Reflect.defineProperty(prototype, 'constructor', {
    value: decorated,
    writable: true,
    configurable: true,
  });
  return decorated;
}

/** The compiler sees to that, where there is one. */
function checkClass(Class: ServiceClass): void {
  if (typeof peek(peek(Class, 'prototype'), 'run') === 'function') return;
  throw new InvalidPayloadError(
    `class ${show(Class)} has no method "run", which is what a service does: write run(context) { … } (a field of that name is not there before an instance is)`,
  );
}

/** Asked before anything is constructed that nobody would run. */
function checkState(name: string, { state }: Runner): void {
  if (state !== 'stopping' && state !== 'stopped') return;
  const why = `its runner is ${state} and adopts nothing any more`;
  throw new RunnerStateError(state, `service "${name}" can't be made: ${why}`);
}

/** A constructor may return whatever it likes. */
function checkInstance(name: string, instance: unknown): void {
  if (typeof peek(instance, 'run') === 'function') return;
  throw new InvalidPayloadError(
    `the constructor of service "${name}" has made ${show(instance)}, which has no method "run": do in run() what is asynchronous`,
  );
}

/** A static member may be called so, too. */
function nameOf(Class: object): string {
  const name = peek(Class, 'name');
  return typeof name === 'string' ? name : '';
}

const undecorated = (name: string) =>
  `class "${name}" is below a service in a thread, which doesn't know where to find it: decorate it too, with service({ flavour: 'thread', module: import.meta.url })`;
