import type { LifecycleEvent } from '../../lifecycle/events.js';

export type Level = 'error' | 'warn' | 'info' | 'debug';

/** From the gravest on. */
export const LEVELS: readonly Level[] = ['error', 'warn', 'info', 'debug'];

/** How much an event matters to whoever has to see to it that things run. */
export function levelOf(event: LifecycleEvent): Level {
  if (event.type === 'overdue' || event.type === 'backend-down') return 'error';
  // What comes of an execution is told to whoever asked for it.
  if ('origin' in event && event.origin === 'execute') return 'debug';
  switch (event.type) {
    case 'crash':
      return event.restarting ? 'warn' : 'error';
    case 'exit':
      return 'error' in event || event.outcome === 'failed' ? 'error' : 'info';
    case 'restart':
      return event.cause === 'crash' || event.cause === 'sibling' ? 'warn' : 'info';
    case 'stopping':
      return 'debug';
    case 'down':
      return event.report.failures.length > 0 ? 'error' : 'info';
    default:
      return 'info';
  }
}

/** Whether something of this level is to be seen by who wants to see so much. */
export const isSeen = (level: Level, wanted: Level): boolean =>
  LEVELS.indexOf(level) <= LEVELS.indexOf(wanted);
