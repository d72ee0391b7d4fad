import type { AnyPayload } from '../task/shapes.js';
import { isThreaded } from '../task/threaded-payload.js';
import type { Parent } from './owner.js';

/** The path of a task: its name, or its function's or export's, below that of the task whose attempt brought it about. */
export function toPath(parent: Parent | undefined, from: string | AnyPayload): string {
  const name = typeof from === 'string' ? from : nameOf(from) || 'task';
  const prefix = parent?.held?.prefix ?? parent?.life.name;
  return prefix ? `${prefix}/${name}` : name;
}

const nameOf = (payload: AnyPayload) =>
  typeof payload === 'function' || isThreaded(payload) ? payload.name : '';
