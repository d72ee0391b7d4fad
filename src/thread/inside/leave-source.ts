import type { Sink } from '../../task/shapes.js';

/**
 * Leaves what a payload has got, the way that goes with its shape; what is over by that, completes.
 *
 * @param unsubscribe  None when it's to end by itself: a function that has read its signal knows.
 */
export function leaveSource(sink: Sink, unsubscribe?: () => void): void {
  try {
    if (typeof sink.leave === 'function') sink.leave();
    if (sink.leave !== 'unsubscribe' || !unsubscribe) return;
    unsubscribe();
    sink.complete();
  } catch (error) {
    sink.error(error);
  }
}
