import { describe, expect, it } from '@jest/globals';
import { type SchedulerLike, VirtualTimeScheduler, asyncScheduler, of } from 'rxjs';
import { InvalidOptionError } from '../../src/errors.js';
import { defineFlavour } from '../../src/flavours/define-flavour.js';
import { FakeEntry } from '../task/fake-entry.js';

describe('defineFlavour', () => {
  it('should make a flavour of any scheduler, virtual ones too', () => {
    const scheduler = new VirtualTimeScheduler();

    const flavour = defineFlavour('virtual', scheduler);

    expect(flavour.name).toBe('virtual');
    expect(flavour.scheduler).toBe(scheduler);
  });

  it('should make one that nobody can change', () => {
    expect(Object.isFrozen(defineFlavour('mine', asyncScheduler))).toBe(true);
  });

  it('should schedule nothing by itself', () => {
    const scheduler = new VirtualTimeScheduler();

    defineFlavour('virtual', scheduler);

    expect(scheduler.actions).toEqual([]);
  });

  it('should make one that enters payloads', () => {
    const entry = new FakeEntry(of('a'));

    defineFlavour('mine', asyncScheduler).enter(entry);

    expect(entry.notes).toEqual([['next', 'a'], ['complete']]);
  });

  it.each(['', undefined, null, 5, {}])('should refuse the name %p', (name) => {
    const act = () => defineFlavour(name as string, asyncScheduler);

    expect(act).toThrow(InvalidOptionError);
    expect(act).toThrow(expect.objectContaining({ option: 'name', value: name }));
  });

  it.each([undefined, null, 'async', {}, { now: () => 0 }, setTimeout])(
    'should refuse the scheduler %p',
    (scheduler) => {
      const act = () => defineFlavour('mine', scheduler as SchedulerLike);

      expect(act).toThrow(InvalidOptionError);
      expect(act).toThrow(expect.objectContaining({ option: 'scheduler', value: scheduler }));
      expect(act).toThrow('give an RxJS scheduler, such as asyncScheduler');
    },
  );
});
