// Jobs for a fleet of processes: `rxvisor/broker`

export { BrokerTaskBackend } from './broker-task-backend.js';
export type { PgPool } from './pg-boss.js';
export type { BrokerTaskBackendOptions } from './options.js';
export type { DeadLetter } from './jobs/dead-letters.js';
export type { ExecuteJobOptions } from './job-options.js';
export type { ScheduleOptions } from './jobs/schedules.js';
