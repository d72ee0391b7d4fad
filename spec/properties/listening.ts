import type { Observable, Subscription } from 'rxjs';
import type { Actor, Listener } from './actor.js';
import type { World } from './world.js';

/** Subscribes to a task, or executes one, and keeps what comes. */
export function listen(world: World, actor: Actor): Listener {
  const late = actor.id !== 0 && !world.infoOf(actor.id);
  const listener: Listener = { values: [], late, end: 'none', leave: () => undefined };
  world.listeners.set(listener, actor);
  const done = (end: Listener['end']) => {
    actor.listeners.delete(listener);
    if (listener.end === 'none') listener.end = end;
  };
  if (!late) actor.listeners.add(listener);
  const subscription: Subscription = (actor.values$ as Observable<unknown>).subscribe({
    next: (value) => {
      listener.values.push(value);
      world.takers.push(listener);
    },
    complete: () => {
      done('complete');
    },
    error: (error: unknown) => {
      done({ error });
    },
  });
  listener.leave = () => {
    done('unsubscribed');
    subscription.unsubscribe();
  };
  return listener;
}

/** The oldest subscription ends; with it an execution. */
export function leave(world: World, actor: Actor): void {
  const [listener] = actor.listeners;
  if (!listener) return;
  if (actor.origin === 'execute') world.noteAsked('unsubscribe', actor);
  listener.leave();
}
