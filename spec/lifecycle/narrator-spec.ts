import { beforeEach, describe, expect, it } from '@jest/globals';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import { type Narrated, Narrator } from '../../src/lifecycle/narrator.js';
import type { Report, StopReason } from '../../src/report.js';

const life: Narrated = {
  name: 'web/tick',
  id: 7,
  flavour: { name: 'asap' },
  attempt: 2,
  origin: 'adopt',
};
const OF_TASK = { task: 'web/tick', id: 7, flavour: 'asap', attempt: 2, origin: 'adopt' };
const boom = new Error('boom');
const reason: StopReason = Object.freeze({ type: 'stop' });
const report = Object.freeze({ uptime: 5 }) as unknown as Report;

describe('Narrator', () => {
  let told: LifecycleEvent[];
  let clock: number;
  let stage: { observed: boolean; now: () => number; deliver: (event: LifecycleEvent) => void };
  let narrate: Narrator;

  beforeEach(() => {
    told = [];
    clock = 100;
    stage = { observed: true, now: () => clock, deliver: (event) => told.push(event) };
    narrate = new Narrator(stage);
  });

  /** Tells one event of each kind, in the order of DESIGN. */
  const tellAll = () => {
    narrate.up();
    narrate.start(life, clock);
    narrate.ready(life);
    narrate.crash(life, boom, 30, true, clock);
    narrate.stopping(life, reason);
    narrate.overdue(life, 5_000);
    narrate.restart(life, 1_000, 'crash', clock);
    narrate.exit(life, 'failed', { error: boom }, true);
    narrate.backendDown('mails', boom);
    narrate.backendUp('mails');
    narrate.shutdown(reason);
    narrate.down(report);
  };

  it('should tell every event with exactly the fields that it has', () => {
    tellAll();

    const at = 100;
    expect(told).toEqual([
      { seq: 1, at, type: 'up' },
      { seq: 2, at, type: 'start', ...OF_TASK },
      { seq: 3, at, type: 'ready', ...OF_TASK },
      { seq: 4, at, type: 'crash', ...OF_TASK, error: boom, uptime: 30, restarting: true },
      { seq: 5, at, type: 'stopping', ...OF_TASK, reason },
      { seq: 6, at, type: 'overdue', ...OF_TASK, grace: 5_000 },
      { seq: 7, at, type: 'restart', ...OF_TASK, delay: 1_000, cause: 'crash' },
      { seq: 8, at, type: 'exit', ...OF_TASK, outcome: 'failed', error: boom, fatal: true },
      { seq: 9, at, type: 'backend-down', backend: 'mails', error: boom },
      { seq: 10, at, type: 'backend-up', backend: 'mails' },
      { seq: 11, at, type: 'shutdown', reason },
      { seq: 12, at, type: 'down', report },
    ]);
  });

  it('should tell frozen plain objects (I6)', () => {
    tellAll();

    for (const event of told) {
      expect(Object.isFrozen(event)).toBe(true);
      expect(Object.getPrototypeOf(event)).toBe(Object.prototype);
    }
  });

  it('should tell the very same error and reason', () => {
    narrate.crash(life, boom, 0, false, clock);
    narrate.stopping(life, reason);

    expect(told[0]).toHaveProperty('error', boom);
    expect((told[0] as { error: unknown }).error).toBe(boom);
    expect((told[1] as { reason: unknown }).reason).toBe(reason);
  });

  it('should tell an exit without an error when there was none, with one also when it is undefined', () => {
    narrate.exit(life, 'completed', undefined, false);
    narrate.exit(life, 'failed', { error: undefined }, false);

    expect(told[0]).toEqual({
      seq: 1,
      at: 100,
      type: 'exit',
      ...OF_TASK,
      outcome: 'completed',
      fatal: false,
    });
    expect('error' in told[0]!).toBe(false);
    expect('error' in told[1]!).toBe(true);
  });

  it('should tell a crash with an undefined error as a crash (PITFALLS A12)', () => {
    narrate.crash(life, undefined, 0, false, clock);

    expect(told[0]).toMatchObject({ type: 'crash', error: undefined });
    expect('error' in told[0]!).toBe(true);
  });

  it('should speak of the attempt as it is now', () => {
    narrate.exit({ ...life, attempt: 0, origin: 'execute' }, 'stopped', undefined, false);

    expect(told[0]).toMatchObject({ attempt: 0, origin: 'execute' });
  });

  describe('seq', () => {
    it('should count on where nobody looks', () => {
      stage.observed = false;
      tellAll();
      expect(told).toEqual([]);

      stage.observed = true;
      tellAll();

      expect(told.map(({ seq }) => seq)).toEqual(Array.from({ length: 12 }, (_, n) => 13 + n));
    });

    it('should have no gap when an event is told while one is being delivered', () => {
      stage.deliver = (event) => {
        told.push(event);
        if (event.type === 'up') narrate.start(life, clock);
      };

      narrate.up();
      narrate.ready(life);

      expect(told.map(({ seq, type }) => `${seq} ${type}`)).toEqual(['1 up', '2 start', '3 ready']);
    });

    it('should be each narrator’s own', () => {
      narrate.up();
      new Narrator(stage).up();

      expect(told.map(({ seq }) => seq)).toEqual([1, 1]);
    });
  });

  describe('at', () => {
    it('should be the clock', () => {
      narrate.up();
      clock = 250;
      narrate.ready(life);

      expect(told.map(({ at }) => at)).toEqual([100, 250]);
    });

    it('should never go back when the clock does (PITFALLS A19)', () => {
      for (const now of [100, 90, 95, 110, 0]) {
        clock = now;
        narrate.start(life, now);
        narrate.ready(life);
      }

      expect(told.map(({ at }) => at)).toEqual([100, 100, 100, 100, 100, 100, 110, 110, 110, 110]);
    });

    it('should begin wherever the clock is, below zero too', () => {
      clock = -5;
      narrate.up();

      expect(told[0]).toMatchObject({ at: -5 });
    });
  });
});
