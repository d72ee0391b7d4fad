type AnyFunction = (...args: never[]) => unknown;

/**
 * How many stacks are captured within so many ms. One costs several microseconds, for an asynchronous
 * caller up to ten, which is more than all the rest of an execution: whoever calls now and then always
 * has one, and of a flood the first ones do.
 */
const MOST = 10;
const WITHIN = 10;

let since = -Infinity;
let captured = 0;

/**
 * Captures where a function was called, if that hasn't been done too often of late.
 *
 * @param below  What was called: the stack begins at its caller.
 */
export function captureCaller(below: AnyFunction): { readonly stack?: string } | undefined {
  if (captured >= MOST) {
    const now = performance.now();
    if (now - since < WITHIN) return undefined;
    since = now;
    captured = 0;
  }
  captured++;
  const caller = {};
  Error.captureStackTrace(caller, below);
  return caller;
}

/** The lines of a stack, without the first one: that would be an error's name and message. Rendered now. */
export function linesOf(caller: { readonly stack?: unknown } | undefined): string {
  const stack = caller?.stack;
  // Whoever replaces `Error.prepareStackTrace` may make anything of it.
  if (typeof stack !== 'string') return '';
  const end = stack.indexOf('\n');
  return end < 0 ? '' : stack.slice(end + 1);
}
