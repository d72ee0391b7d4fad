import { describe, expect, it } from '@jest/globals';
import { VirtualTimeScheduler, asyncScheduler, lastValueFrom, observeOn, of, timer } from 'rxjs';
import { InvalidOptionError } from '../../src/errors.js';
import { defineFlavour } from '../../src/flavours/define-flavour.js';
import { flavours, toFlavour } from '../../src/flavours/flavours.js';
import { asap } from '../../src/schedulers/asap-scheduler.js';
import { FakeEntry } from '../task/fake-entry.js';

describe('flavours', () => {
  it('should be asap and async, each under its own name', () => {
    expect(Object.entries(flavours).map(([key, { name }]) => [key, name])).toEqual([
      ['asap', 'asap'],
      ['async', 'async'],
    ]);
  });

  it('should run on the queue of this package, and on the timers of RxJS', () => {
    expect(flavours.asap.scheduler).toBe(asap);
    expect(flavours.async.scheduler).toBe(asyncScheduler);
  });

  it('should be frozen, all of them and each', () => {
    for (const each of [flavours, flavours.asap, flavours.async]) {
      expect(Object.isFrozen(each)).toBe(true);
    }
  });

  describe.each([flavours.asap, flavours.async])('$name', (flavour) => {
    it('should have a scheduler that may be used alone', async () => {
      await expect(lastValueFrom(timer(1, flavour.scheduler))).resolves.toBe(0);
      await expect(lastValueFrom(of('a').pipe(observeOn(flavour.scheduler)))).resolves.toBe('a');
    });

    it('should run nothing in the caller’s stack', async () => {
      let ran = false;
      const over = new Promise<void>((resolve) => {
        flavour.scheduler.schedule(() => {
          ran = true;
          resolve();
        });
      });

      expect(ran).toBe(false);
      await over;
      expect(ran).toBe(true);
    });

    it('should enter a payload', () => {
      const entry = new FakeEntry((...args: unknown[]) => args[0], ['value']);

      flavour.enter(entry);

      expect(entry.notes).toEqual([['next', 'value'], ['complete']]);
    });
  });

  it('should differ in when: asap before timers and I/O, async as one of them', async () => {
    const seen: string[] = [];
    // In a turn of the event loop of its own, in which asap has no reason to yield.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

    await new Promise<void>((resolve) => {
      flavours.async.scheduler.schedule(() => {
        seen.push('async');
        resolve();
      });
      flavours.asap.scheduler.schedule(() => seen.push('asap'));
    });

    expect(seen).toEqual(['asap', 'async']);
  });
});

describe('toFlavour', () => {
  it('should be asap by default', () => {
    expect(toFlavour()).toBe(flavours.asap);
    expect(toFlavour(undefined)).toBe(flavours.asap);
  });

  it('should find a flavour by its name', () => {
    expect(toFlavour('asap')).toBe(flavours.asap);
    expect(toFlavour('async')).toBe(flavours.async);
  });

  it('should take a flavour object as it is', () => {
    const mine = defineFlavour('mine', new VirtualTimeScheduler());

    expect(toFlavour(mine)).toBe(mine);
  });

  it.each(['fast', '', 'ASAP', 'toString', 'constructor', '__proto__'])(
    'should refuse the name %p, and say which there are',
    (name) => {
      const act = () => toFlavour(name);

      expect(act).toThrow(InvalidOptionError);
      expect(act).toThrow(expect.objectContaining({ option: 'flavour', value: name }));
      expect(act).toThrow(
        "take one of 'asap', 'async', 'thread' for a payload made by threaded(), or a flavour object from defineFlavour()",
      );
    },
  );
});
