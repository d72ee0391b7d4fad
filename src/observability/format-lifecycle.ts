import { type OperatorFunction, defer, map } from 'rxjs';
import type { LifecycleEvent } from '../lifecycle/events.js';
import { checkOptions } from '../task/check.js';
import { FORMAT_CHECKS, type FormatOptions, renderEvent, subject } from './format-event.js';

/**
 * Renders a lifecycle as lines for people, one per event, aligned: the column of task paths grows
 * with the longest one so far.
 *
 *   runner.events$.pipe(formatLifecycle({ colours: true })).subscribe(console.log);
 *
 * What isn't to be seen is filtered before. The alignment is per subscription.
 *
 * @param options.colours  Whether to colour, with ANSI escapes. @default false
 * @param options.width    Width of the column of task paths to begin with, in characters. @default 0
 * @param options.time     Renders the time, given `at` in ms. @default the wall clock
 * @returns An operator that emits one line, without its end, for each event.
 * @throws {@link InvalidOptionError} at once.
 */
export function formatLifecycle(
  options: FormatOptions = {},
): OperatorFunction<LifecycleEvent, string> {
  checkOptions(options, FORMAT_CHECKS);
  return (events$) =>
    defer(() => {
      let { width = 0 } = options;
      return events$.pipe(
        map((event) => {
          width = Math.max(width, subject(event).length);
          return renderEvent(event, { ...options, width });
        }),
      );
    });
}
