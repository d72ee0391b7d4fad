import { describe, expect, it } from '@jest/globals';
import { Subscription } from 'rxjs';
import { unsubscribe } from '../../src/runner/unsubscribe.js';

const fails = (error: unknown) => () => {
  throw error;
};

describe('unsubscribe', () => {
  it('should unsubscribe, and return nothing when nothing fails', () => {
    const subscription = new Subscription();

    expect(unsubscribe(subscription)).toEqual([]);
    expect(subscription.closed).toBe(true);
  });

  it('should return each error by itself, of whatever kind, in order', () => {
    const subscription = new Subscription();
    const error = new Error('first');
    subscription.add(fails(error));
    subscription.add(() => undefined);
    subscription.add(fails('second'));

    expect(unsubscribe(subscription)).toEqual([error, 'second']);
  });

  it('should return what the subscriptions below have thrown, one by one', () => {
    const [outer, inner] = [new Subscription(), new Subscription()];
    inner.add(fails(1));
    inner.add(fails(2));
    outer.add(inner);
    outer.add(fails(3));

    expect(unsubscribe(outer)).toEqual([1, 2, 3]);
  });

  it.each([
    ['an Error', new Error('mine')],
    ['a string', 'mine'],
  ])('should return %s that something which is not RxJS’s throws', (_what, error) => {
    expect(unsubscribe({ unsubscribe: fails(error) })).toEqual([error]);
  });

  it.each([
    ['an AggregateError', new AggregateError([1, 2], 'two things')],
    ['an error whose errors are something else', Object.assign(new Error(), { errors: 'many' })],
  ])('should not take apart %s that is somebody else’s', (_what, error) => {
    const [only, ...others] = unsubscribe({ unsubscribe: fails(error) });

    expect(only).toBe(error);
    expect(others).toEqual([]);
  });

  it.each([null, undefined])('should return %p that something throws', (error) => {
    expect(unsubscribe({ unsubscribe: fails(error) })).toEqual([error]);
  });
});
