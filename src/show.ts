import { inspect } from 'node:util';
import type { StopReason } from './report.js';

/**
 * Reads a member of anything: `undefined` where there is none, or where it can't be read. What a
 * payload throws may be `undefined`, from another realm, or hostile (a revoked proxy, a throwing getter).
 */
export function peek(value: unknown, member: string): unknown {
  try {
    return (value as Record<string, unknown> | null | undefined)?.[member];
  } catch {
    return undefined;
  }
}

/** Whether something was not over in time: by the code of the error, which may be of another copy of the package. */
export const isOverdue = (error: unknown): boolean => peek(error, 'code') === 'ERR_RXVISOR_OVERDUE';

/** Renders any value in one short line; never throws, whatever the value's own `inspect` does. */
export function show(value: unknown): string {
  const line = render(value).replace(/\s*\n\s*/g, ' ');
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}

/** Puts a reason in words: `signal SIGTERM`, `stop (deploying)`. */
export function sayReason({ type, signal, message }: StopReason): string {
  return `${type}${signal ? ` ${signal}` : ''}${message ? ` (${message})` : ''}`;
}

/** An error is told by shape, since it may come from another realm (a thread, `vm`, a test runner). */
function render(value: unknown): string {
  const name = peek(value, 'name');
  const message = peek(value, 'message');
  const isError = typeof value === 'object' && typeof name === 'string';
  try {
    if (isError && typeof message === 'string') return `${name}: ${message}`;
    return inspect(value, {
      depth: 1,
      breakLength: Infinity,
      maxStringLength: 80,
      maxArrayLength: 5,
    });
  } catch {
    return 'a value that cannot be shown';
  }
}
