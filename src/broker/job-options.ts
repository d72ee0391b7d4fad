import { SUBMIT_CHECKS } from '../backends/options.js';
import type { SubmitOptions } from '../backends/task-backend.js';
import { InvalidOptionError } from '../errors.js';
import { type Checks, checkGiven, checkOptions } from '../task/check.js';
import type { ScheduleOptions } from './jobs/schedules.js';

/** Options of `execute`: each subscription is a job of its own, and submitted at once. */
export type ExecuteJobOptions = Omit<SubmitOptions, 'key' | 'client'>;

const { key: _key, client: _client, ...EXECUTE_JOB_CHECKS } = SUBMIT_CHECKS;

const SCHEDULE_CHECKS: Checks<ScheduleOptions> = {
  tz: { accepts: isZone, wanted: "give a time zone, such as 'Europe/Zurich'" },
};

/** @throws {@link InvalidOptionError} */
export function checkSubmitOptions(options: SubmitOptions, queue: string): void {
  const { client } = options as { client?: unknown };
  // It may be a connection string, with a password, so it isn't said.
  if (client !== undefined && typeof client !== 'object') {
    throw new InvalidOptionError('client', typeof client, SUBMIT_CHECKS.client.wanted);
  }
  checkOptions(options, SUBMIT_CHECKS);
  checkDeadLetter(options, queue);
}

/** @throws {@link InvalidOptionError} */
export function checkExecuteJobOptions(options: ExecuteJobOptions, queue: string): void {
  checkOptions(options, EXECUTE_JOB_CHECKS);
  checkDeadLetter(options, queue);
}

/** @throws {@link InvalidOptionError} */
export function checkSchedule(name: string, cron: string, options: ScheduleOptions): void {
  checkGiven('name', name, {
    accepts: (value) => typeof value === 'string' && /^[\w.-]{1,200}$/.test(value),
    wanted: 'give a name of letters, digits, _, . and -',
  });
  checkGiven('cron', cron, {
    accepts: (value) =>
      typeof value === 'string' && /^\s*(\S+(\s+\S+){4}|@[a-z]+)\s*$/i.test(value),
    wanted: "give minute, hour, day of the month, month and day of the week, such as '0 4 * * *'",
  });
  checkOptions(options, SCHEDULE_CHECKS);
}

function checkDeadLetter({ deadLetter }: SubmitOptions, queue: string): void {
  if (deadLetter !== queue) return;
  throw new InvalidOptionError('deadLetter', deadLetter, 'give another queue than its own');
}

function isZone(timeZone: unknown): boolean {
  if (typeof timeZone !== 'string' || timeZone === '') return false;
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone }));
  } catch {
    return false;
  }
}
