import type { Sink } from './shapes.js';

/**
 * Emits what an async iterator yields, asking for the next value when the last one has been taken and
 * there is demand. Asked to leave, it calls `return()` and ends when that has settled; an iterator
 * without `return` ends with the value under way.
 */
export function pullAsync(iterator: AsyncIterator<unknown, unknown>, sink: Sink): void {
  let leaving = false;
  let closing = false;
  let over = false;
  let failure: { readonly error: unknown } | undefined;
  let wake: () => void = ignore;
  const resume = () => {
    wake();
  };
  const parked = () => new Promise<void>((resolve) => (wake = resolve));

  const pull = async () => {
    while (!leaving) {
      if (!sink.mayPull(resume)) await parked();
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- set by leave() while this was parked
      if (leaving) return;
      const { done, value } = await iterator.next();
      if (done) return;
      sink.next(value);
    }
  };
  const end = () => {
    over = true;
    if (failure) sink.error(failure.error);
    else sink.complete();
  };
  const fail = (error: unknown) => {
    if (failure || over) sink.error(error);
    else failure = { error };
  };
  const close = async () => {
    await iterator.return?.();
  };

  sink.leave = () => {
    if (leaving) return;
    leaving = true;
    closing = iterator.return !== undefined;
    if (closing) void close().catch(fail).then(end);
    wake();
  };
  void pull()
    .catch(fail)
    .then(() => {
      // Once `return()` has been called, the end is its own.
      if (!closing) end();
    });
}

/** The same for a generator object: synchronously, for as long as there is demand. */
export function pullSync(generator: Generator<unknown, unknown>, sink: Sink): void {
  let leaving = false;
  let executing = false;

  const fenced = (step: () => void) => {
    try {
      step();
    } catch (error) {
      leaving = true;
      sink.error(error);
    }
  };
  const close = () => {
    fenced(() => {
      generator.return(undefined);
      sink.complete();
    });
  };
  const next = () => {
    executing = true;
    const { done, value } = generator.next();
    if (!done) sink.next(value);
    executing = false;
    if (leaving) close();
    else if (done) {
      leaving = true;
      sink.complete();
    }
  };
  const pull = () => {
    while (!leaving && sink.mayPull(pull)) fenced(next);
  };

  sink.leave = () => {
    if (leaving) return;
    leaving = true;
    // While it's executing, or its value is being taken, it's closed when that is done.
    if (!executing) close();
  };
  pull();
}

const ignore = () => undefined;
