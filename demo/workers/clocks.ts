import { setTimeout } from 'node:timers/promises';
import type { TaskContext } from 'rxvisor';

let closed = 0;

/** Ticks for as long as it's wanted. */
export async function* tick({ signal, onTeardown }: TaskContext): AsyncGenerator<number> {
  onTeardown(() => closed++);
  for (let n = 1; ; n++) {
    yield n;
    await setTimeout(5, undefined, { signal });
  }
}

/** What has happened in this thread. */
export const report = (): string => `${closed} closed in this thread`;

/** Never ends, and never looks at its signal. */
export function spin({ ready }: TaskContext): void {
  ready();
  for (;;);
}
