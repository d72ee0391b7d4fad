import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Linger } from '../../../src/thread/inside/linger.js';

describe('Linger', () => {
  let now: number;
  let messages: string[];
  let received: string[];
  let isIdle: boolean;
  /** What happens while it sleeps: true when it's woken. */
  let asleep: () => boolean;
  let naps: number[];
  let linger: Linger<string>;

  beforeEach(() => {
    now = 1_000;
    messages = [];
    received = [];
    isIdle = true;
    asleep = () => false;
    naps = [];
    const bell = {
      rings: 0,
      sleep: (_heard: number, ms: number) => {
        naps.push(ms);
        return asleep();
      },
    };
    const employer = {
      get isIdle() {
        return isIdle;
      },
      receive: (message: string) => received.push(message),
    };
    const take = () => (messages.length > 0 ? { message: messages.shift() ?? '' } : undefined);
    linger = new Linger(bell, take, employer, () => now);
    linger.turned();
  });

  it('should sleep once, and go when nothing has come', () => {
    linger.stay();

    expect(naps).toHaveLength(1);
    expect(received).toEqual([]);
  });

  it('should take what has come before it sleeps', () => {
    messages = ['a', 'b'];
    linger.stay();

    expect(received).toEqual(['a', 'b']);
    expect(naps).toHaveLength(1);
  });

  it('should take what comes while it sleeps, and sleep again', () => {
    asleep = () => {
      if (naps.length > 2) return false;
      messages.push(`message ${naps.length}`);
      return true;
    };
    linger.stay();

    expect(received).toEqual(['message 1', 'message 2']);
    expect(naps).toHaveLength(3);
  });

  it('should not sleep through what comes between its look and its sleep', () => {
    let rings = 0;
    const sleep = jest.fn((heard: number) => {
      expect(heard).toBe(0);
      return false;
    });
    const bell = {
      get rings() {
        return rings;
      },
      sleep,
    };
    const take = () => {
      rings++;
      return undefined;
    };
    const late = new Linger(bell, take, { isIdle: true, receive: () => undefined }, () => now);
    late.turned();
    late.stay();

    expect(sleep).toHaveBeenCalledTimes(1);
  });

  it('should neither take nor sleep when there’s something to be done', () => {
    isIdle = false;
    messages = ['a'];
    linger.stay();

    expect(received).toEqual([]);
    expect(naps).toEqual([]);
  });

  it('should let the event loop turn when it has been called again and again for a slice', () => {
    asleep = () => {
      now++;
      messages.push('a');
      return true;
    };
    linger.stay();
    expect(received.length).toBeGreaterThan(1);
    expect(received.length).toBeLessThan(10);
    const before = received.length;
    linger.stay();
    expect(received).toHaveLength(before);
    linger.turned();
    linger.stay();

    expect(received.length).toBeGreaterThan(before);
  });

  it('should not stay when nobody knows how long ago the event loop has turned', () => {
    now += 100;
    linger.stay();

    expect(naps).toEqual([]);
  });
});
