import type { AnyPayload } from '../task/shapes.js';
import type { Parent } from './owner.js';

/** The path of a task: its name, or its function's, below that of the task whose attempt brought it about. */
export function toPath(parent: Parent | undefined, from: string | AnyPayload): string {
  const name =
    typeof from === 'string' ? from : (typeof from === 'function' && from.name) || 'task';
  const prefix = parent?.held?.prefix ?? parent?.life.name;
  return prefix ? `${prefix}/${name}` : name;
}
