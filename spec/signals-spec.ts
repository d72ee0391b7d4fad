import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { take } from 'rxjs';
import { fromSignals } from '../src/signals.js';

const BOTH = ['SIGTERM', 'SIGINT'] as const;

describe('fromSignals', () => {
  const listeners = (source: EventEmitter) => BOTH.map((signal) => source.listenerCount(signal));

  it('should listen to nothing before it is subscribed', () => {
    const source = new EventEmitter();

    fromSignals(BOTH, source);

    expect(listeners(source)).toEqual([0, 0]);
  });

  it('should emit the name of each signal that arrives, for as long as it is subscribed', () => {
    const source = new EventEmitter();
    const seen: string[] = [];

    const subscription = fromSignals(BOTH, source).subscribe((signal) => seen.push(signal));
    expect(listeners(source)).toEqual([1, 1]);
    // As Node does: the name and the number.
    source.emit('SIGINT', 'SIGINT', 2);
    source.emit('SIGTERM', 'SIGTERM', 15);
    source.emit('SIGINT', 'SIGINT', 2);
    source.emit('SIGHUP', 'SIGHUP', 1);
    subscription.unsubscribe();
    source.emit('SIGINT', 'SIGINT', 2);

    expect(seen).toEqual(['SIGINT', 'SIGTERM', 'SIGINT']);
    expect(listeners(source)).toEqual([0, 0]);
  });

  it('should listen to nothing when there is nothing to listen to', () => {
    const source = new EventEmitter();

    fromSignals([], source).subscribe();

    expect(source.eventNames()).toEqual([]);
  });

  it('should let go of everything when one was enough', () => {
    const source = new EventEmitter();
    const seen: string[] = [];

    fromSignals(BOTH, source)
      .pipe(take(1))
      .subscribe({ next: (signal) => seen.push(signal), complete: () => seen.push('complete') });
    source.emit('SIGTERM', 'SIGTERM', 15);
    source.emit('SIGINT', 'SIGINT', 2);

    expect(seen).toEqual(['SIGTERM', 'complete']);
    expect(listeners(source)).toEqual([0, 0]);
  });

  it('should keep two subscribers apart, and strangers alone', () => {
    const source = new EventEmitter();
    const seen: string[] = [];
    source.on('SIGTERM', () => seen.push('stranger'));

    const a = fromSignals(BOTH, source).subscribe(() => seen.push('a'));
    fromSignals(BOTH, source).subscribe(() => seen.push('b'));
    a.unsubscribe();
    source.emit('SIGTERM', 'SIGTERM', 15);

    expect(seen).toEqual(['stranger', 'b']);
    expect(listeners(source)).toEqual([2, 1]);
  });

  it('should listen to the process unless told otherwise, and give its default actions back', () => {
    const count = () => BOTH.map((signal) => process.listenerCount(signal));
    const before = count();

    const subscription = fromSignals(BOTH).subscribe();
    expect(count()).toEqual(before.map((each) => each + 1));
    subscription.unsubscribe();

    expect(count()).toEqual(before);
  });
});
