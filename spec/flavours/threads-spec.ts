import { afterEach, describe, expect, it } from '@jest/globals';
import { defineFlavour } from '../../src/flavours/define-flavour.js';
import { flavours } from '../../src/flavours/flavours.js';
import { Threads } from '../../src/flavours/threads.js';
import type { ThreadOptions } from '../../src/thread/options.js';
import { ThreadScheduler } from '../../src/thread/thread-scheduler.js';

// Nothing here puts a payload on a thread, so none is ever started.

const once = (scheduler: { schedule: (work: () => void) => unknown }) =>
  new Promise<void>((resolve) => {
    scheduler.schedule(resolve);
  });

describe('Threads', () => {
  const schedulers: ThreadScheduler[] = [];
  const makeScheduler = () => {
    const scheduler = new ThreadScheduler({ size: 1 });
    schedulers.push(scheduler);
    return scheduler;
  };

  afterEach(async () => {
    await Promise.all(schedulers.splice(0).map((each) => each.close()));
  });

  it('should load nothing before there is something to run', () => {
    const threads = new Threads();
    threads.pooled(undefined);
    threads.own(undefined);

    expect(threads.close()).toBeUndefined();
  });

  it('should refuse options that make no sense', () => {
    expect(() => new Threads({ size: 0 })).toThrow(/"size"/);
    expect(() => new Threads({ threads: 1 } as ThreadOptions)).toThrow(/"threads"/);
  });

  describe.each(['pooled', 'own'] as const)('%s', (kind) => {
    it('should be called thread, unless it is a flavour of one’s own', () => {
      const threads = new Threads();
      const crunch = defineFlavour('crunch', makeScheduler());

      expect(threads[kind](undefined).name).toBe('thread');
      expect(threads[kind]({}).name).toBe('thread');
      expect(threads[kind]({ flavour: 'thread' }).name).toBe('thread');
      expect(threads[kind]({ flavour: crunch }).name).toBe('crunch');
    });

    it('should refuse flavours that have no threads, and say the way out', () => {
      for (const flavour of ['asap', 'async', 'crunch', flavours.asap]) {
        expect(() => new Threads()[kind]({ flavour })).toThrow(
          expect.objectContaining({
            code: 'ERR_RXVISOR_INVALID_OPTION',
            message: expect.stringMatching(/"flavour".+made by threaded\(\) runs on a thread/),
          }),
        );
      }
    });

    it('should refuse arguments beside the payload’s own', () => {
      expect(() => new Threads()[kind]({ args: ['a'] as const })).toThrow(/"args"/);
    });

    it('should let it be that there are none', () => {
      expect(() => new Threads()[kind]({ args: [] })).not.toThrow();
    });
  });

  describe('pooled', () => {
    it('should admit by the threads themselves', () => {
      const scheduler = makeScheduler();

      expect(new Threads(scheduler).pooled(undefined).scheduler).toBe(scheduler);
    });

    it('should be one and the same flavour for as long as the threads are the same', () => {
      const threads = new Threads(makeScheduler());
      const crunch = defineFlavour('crunch', makeScheduler());
      const pooled = threads.pooled(undefined);

      expect(threads.pooled({ flavour: 'thread' })).toBe(pooled);
      expect(threads.pooled({ flavour: crunch })).not.toBe(pooled);
      expect(threads.pooled({ flavour: crunch }).scheduler).toBe(crunch.scheduler);
      expect(threads.pooled(undefined).scheduler).toBe(pooled.scheduler);
    });
  });

  describe('own', () => {
    it('should admit beside the threads of the pool, each task by itself', () => {
      const scheduler = makeScheduler();
      const threads = new Threads(scheduler);

      expect(threads.own(undefined).scheduler).toBe(scheduler.beside);
      expect(threads.own(undefined)).not.toBe(threads.own(undefined));
    });

    it('should have nothing to release before it has been entered', () => {
      expect(() => {
        new Threads().own(undefined).release();
      }).not.toThrow();
    });
  });

  describe('close', () => {
    it('should close the threads that are its own', async () => {
      const threads = new Threads({ size: 1 });
      const { scheduler } = threads.pooled(undefined);
      await once(scheduler);
      await threads.close();

      expect(() => scheduler.schedule(() => undefined)).toThrow(/closed/);
    });

    it('should leave those alone that others have made', async () => {
      const scheduler = makeScheduler();
      const threads = new Threads(scheduler);
      await once(scheduler);
      await threads.close();

      await expect(once(scheduler)).resolves.toBeUndefined();
    });
  });
});
