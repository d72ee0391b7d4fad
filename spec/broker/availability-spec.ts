import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Availability } from '../../src/broker/availability.js';
import { BackendClosedError, BackendDownError } from '../../src/errors.js';
import { Runner } from '../../src/index.js';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';

const down = new BackendDownError('no connection to PostgreSQL at db:5432');
const refused = new BackendDownError('not let in', { isPassing: false });

describe('Availability', () => {
  let runner: Runner;
  let told: LifecycleEvent[];
  let availability: Availability;

  beforeEach(() => {
    jest.useFakeTimers();
    runner = new Runner();
    told = [];
    runner.events$.subscribe((event) => told.push(event));
    availability = new Availability('mails', runner);
  });

  afterEach(async () => {
    jest.useRealTimers();
    await runner.shutdown();
  });

  const said = () => told.filter(({ type }) => type.startsWith('backend'));

  it('should tell of each outage once, by what it began with', () => {
    void runner.run();
    availability.lost(down);
    availability.lost(new Error('still'));
    availability.back();
    availability.back();
    availability.lost(refused);

    expect(said()).toMatchObject([
      { type: 'backend-down', backend: 'mails', error: down },
      { type: 'backend-up', backend: 'mails' },
      { type: 'backend-down', backend: 'mails', error: refused },
    ]);
  });

  it('should warn where nobody is told: no runner is given, or it is not up', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    availability.lost(down);
    new Availability('mails', undefined).lost(down);
    void runner.run();
    availability.back();

    expect(warn.mock.calls.map(([message]) => message)).toEqual([
      `backend "mails" is down: ${down.message}`,
      `backend "mails" is down: ${down.message}`,
    ]);
    expect(said()).toEqual([]);
    warn.mockRestore();
  });

  it('should do what has to be done when there is a database again', async () => {
    const work = jest.fn<() => Promise<string>>().mockResolvedValue('done');
    work.mockRejectedValueOnce(down).mockRejectedValueOnce(down);
    const done = availability.lasting(work);
    await jest.advanceTimersByTimeAsync(100);
    expect(work).toHaveBeenCalledTimes(2);
    availability.lost(down);
    availability.back();

    await expect(done).resolves.toBe('done');
    expect(work).toHaveBeenCalledTimes(3);
  });

  it('should not do again what fails otherwise, and nothing when nobody waits any more', async () => {
    const bug = new TypeError('x is not a function');
    await expect(availability.lasting(() => Promise.reject(bug))).rejects.toBe(bug);
    await expect(availability.lasting(() => Promise.reject(refused))).rejects.toBe(refused);
    const waiting = availability.lasting(() => Promise.reject(down));
    await jest.advanceTimersByTimeAsync(0);
    availability.giveUp();

    await expect(waiting).rejects.toBe(down);
  });

  const opened = (open: (left: number) => Promise<unknown>, within: number) =>
    availability.opened(open, within).catch((error: unknown) => error);

  it('should open what can be opened late, telling of it', async () => {
    void runner.run();
    const open = jest.fn<() => Promise<unknown>>().mockResolvedValue('open');
    for (let n = 0; n < 5; n++) open.mockRejectedValueOnce(down);
    const result = opened(open, Infinity);
    await jest.advanceTimersByTimeAsync(60_000);

    await expect(result).resolves.toBe('open');
    expect(open).toHaveBeenCalledTimes(6);
    expect(said().map(({ type }) => type)).toEqual(['backend-down', 'backend-up']);
  });

  it('should give up when the time is up, with what was the matter', async () => {
    const left: number[] = [];
    const result = opened((time) => {
      left.push(time);
      return Promise.reject(down);
    }, 3_000);
    await jest.advanceTimersByTimeAsync(10_000);

    await expect(result).resolves.toBe(down);
    expect(left[0]).toBe(3_000);
    expect(left.length).toBeGreaterThan(2);
    expect(left.at(-1)).toBe(0);
  });

  it('should not try again what is refused, nor what fails otherwise', async () => {
    const bug = new TypeError('x is not a function');
    for (const error of [refused, bug]) {
      const open = jest.fn<() => Promise<unknown>>().mockRejectedValue(error);

      await expect(opened(open, 3_000)).resolves.toBe(error);
      expect(open).toHaveBeenCalledTimes(1);
    }
  });

  it('should end as what is aborted when the runner stops', async () => {
    void runner.run();
    const result = opened(() => Promise.reject(down), Infinity);
    await jest.advanceTimersByTimeAsync(1_000);
    const stopped = runner.shutdown();
    await jest.advanceTimersByTimeAsync(0);

    await expect(result).resolves.toMatchObject({ name: 'AbortError', message: down.message });
    await stopped;
    await expect(opened(() => Promise.reject(down), Infinity)).resolves.toMatchObject({
      name: 'AbortError',
    });
  });

  it('should end at once when the backend shuts down', async () => {
    const result = opened(() => Promise.reject(down), Infinity);
    await jest.advanceTimersByTimeAsync(0);
    availability.giveUp();

    await expect(result).resolves.toBeInstanceOf(BackendClosedError);
  });
});
