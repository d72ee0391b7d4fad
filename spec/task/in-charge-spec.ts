import { afterEach, describe, expect, it } from '@jest/globals';
import { EMPTY } from 'rxjs';
import { type InCharge, attemptInCharge, takeCharge } from '../../src/task/in-charge.js';

const attempt = (): InCharge => ({ supervise: () => EMPTY });

describe('takeCharge', () => {
  afterEach(() => {
    takeCharge(undefined);
  });

  it('should leave nobody in charge before the first', () => {
    expect(attemptInCharge()).toBeUndefined();
  });

  it('should put one in charge, and say that nobody was', () => {
    const one = attempt();

    expect(takeCharge(one)).toBeUndefined();
    expect(attemptInCharge()).toBe(one);
  });

  it('should say who was in charge, so that it can be put back: one attempt enters another', () => {
    const outer = attempt();
    const inner = attempt();
    takeCharge(outer);

    const before = takeCharge(inner);
    expect(attemptInCharge()).toBe(inner);
    takeCharge(before);

    expect(before).toBe(outer);
    expect(attemptInCharge()).toBe(outer);
  });
});
