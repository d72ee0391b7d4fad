import type { Entry } from './flavour.js';

/**
 * Emits what an async iterator yields, asking for the next value when the last one has been taken and
 * there is demand. Asked to leave, it calls `return()` and ends when that has settled; an iterator
 * without `return` ends with the value under way.
 */
export function pullAsync(iterator: AsyncIterator<unknown>, entry: Entry): void {
  let leaving = false;
  let wake: () => void = ignore;
  const resume = () => {
    wake();
  };
  const parked = () => new Promise<void>((resolve) => (wake = resolve));
  const fail = (error: unknown) => {
    entry.error(error);
  };

  const pull = async () => {
    for (;;) {
      if (!entry.mayPull(resume)) await parked();
      if (leaving) break;
      const { done, value } = await iterator.next();
      if (done) {
        entry.complete();
        return;
      }
      entry.next(value);
      if (leaving) break;
    }
    if (!iterator.return) entry.complete();
  };
  const close = async () => {
    leaving = true;
    wake();
    if (!iterator.return) return;
    await iterator.return();
    entry.complete();
  };

  entry.leave = () => {
    close().catch(fail);
  };
  pull().catch(fail);
}

/** The same for a generator object: synchronously, for as long as there is demand. */
export function pullSync(generator: Generator, entry: Entry): void {
  let leaving = false;
  let executing = false;

  const fenced = (step: () => void) => {
    try {
      step();
    } catch (error) {
      leaving = true;
      entry.error(error);
    }
  };
  const close = () => {
    fenced(() => {
      generator.return(undefined);
      entry.complete();
    });
  };
  const next = () => {
    executing = true;
    const { done, value } = generator.next();
    executing = false;
    if (leaving) close();
    else if (!done) entry.next(value);
    else {
      leaving = true;
      entry.complete();
    }
  };
  const pull = () => {
    while (!leaving && entry.mayPull(pull)) fenced(next);
  };

  entry.leave = () => {
    if (leaving) return;
    leaving = true;
    // A generator that brings about its own end is executing: it can't be closed before its next yield.
    if (!executing) close();
  };
  pull();
}

const ignore = () => undefined;
