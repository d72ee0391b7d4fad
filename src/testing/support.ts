import { setTimeout } from 'node:timers/promises';
import type { TaskBackend } from '../backends/task-backend.js';

/** How long a test waits for something, in ms. */
const PATIENCE = 30_000;
const STEP = 5;

/** Tests of a new backend, by their titles. */
export type Cases = Readonly<Record<string, (backend: TaskBackend) => Promise<void>>>;

/** Waits until something is so. Backends may be on other machines, so there's nothing else to wait for. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let waited = 0; !isSo(); waited += STEP) {
    if (waited >= PATIENCE)
      throw new Error(`it has not come to that within ${PATIENCE} ms: ${isSo.toString()}`);
    await setTimeout(STEP);
  }
}

/** What is waited for until it's opened. */
export class Gate {
  open!: () => void;
  readonly opened: Promise<void> = new Promise<void>((resolve) => (this.open = resolve));
}

/** Whether an error has this code: by shape, for it may be of another copy of the package. */
export const hasCode =
  (code: string) =>
  (error: unknown): boolean => {
    if ((error as { code?: unknown }).code === code) return true;
    throw new Error(`there's an error, and not with the code ${code}`, { cause: error });
  };

export const times = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));

export const idle = (backend: TaskBackend): Promise<void> => until(() => backend.inflight === 0);
