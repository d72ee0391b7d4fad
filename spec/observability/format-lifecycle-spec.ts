import { describe, expect, it } from '@jest/globals';
import { EMPTY, NEVER, Subject, of, throwError, toArray } from 'rxjs';
import { InvalidOptionError } from '../../src/errors.js';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import { formatLifecycle } from '../../src/observability/format-lifecycle.js';
import { Runner } from '../../src/runner/runner.js';

const ready = (task: string): LifecycleEvent => ({
  ...{ type: 'ready', seq: 1, at: 0 },
  ...{ task, id: 1, flavour: 'asap', attempt: 1, origin: 'adopt' },
});
const time = () => '';

describe('formatLifecycle', () => {
  it('should emit a line for each event, its column as wide as the longest path so far', () => {
    let lines: string[] = [];
    of(ready('a'), ready('a/b/c'), ready('d'))
      .pipe(formatLifecycle({ time }), toArray())
      .subscribe((all) => (lines = all));

    expect(lines).toEqual(['● a  ready', '● a/b/c  ready', '● d      ready']);
  });

  it('should begin with the width that is asked for', () => {
    const lines: string[] = [];
    of(ready('a'))
      .pipe(formatLifecycle({ time, width: 4 }))
      .subscribe((line) => lines.push(line));

    expect(lines).toEqual(['● a     ready']);
  });

  it('should align each subscription by itself', () => {
    const source$ = new Subject<LifecycleEvent>();
    const lines$ = source$.pipe(formatLifecycle({ time }));
    const late: string[] = [];
    lines$.subscribe();
    source$.next(ready('a/b/c'));
    lines$.subscribe((line) => late.push(line));
    source$.next(ready('d'));

    expect(late).toEqual(['● d  ready']);
  });

  it('should mirror how its source ends, and let go of it', () => {
    const ends: unknown[] = [];
    const gone = new Error('gone');
    const source$ = new Subject<LifecycleEvent>();
    EMPTY.pipe(formatLifecycle()).subscribe({ complete: () => ends.push('complete') });
    throwError(() => gone)
      .pipe(formatLifecycle())
      .subscribe({ error: (e: unknown) => ends.push(e) });
    NEVER.pipe(formatLifecycle()).subscribe({ complete: () => ends.push('never') });
    source$.pipe(formatLifecycle()).subscribe().unsubscribe();

    expect(ends).toEqual(['complete', gone]);
    expect(source$.observed).toBe(false);
  });

  it('should error when the time cannot be rendered', () => {
    const broken = new Error('no clock');
    let error: unknown;
    of(ready('a'))
      .pipe(
        formatLifecycle({
          time: () => {
            throw broken;
          },
        }),
      )
      .subscribe({ error: (e: unknown) => (error = e) });

    expect(error).toBe(broken);
  });

  it('should throw at once for an option that does not exist', () => {
    expect(() => formatLifecycle({ colors: true } as never)).toThrow(InvalidOptionError);
  });

  it('should tell the life of a runner', async () => {
    const runner = new Runner();
    const lines: string[] = [];
    runner.events$.pipe(formatLifecycle({ time })).subscribe((line) => lines.push(line));
    runner.adopt(() => undefined, { name: 'nothing' });
    await runner.run({ until: 'idle' });

    expect(lines.slice(0, -1)).toEqual([
      '▲ runner  up',
      '▶ nothing  started',
      '✔ nothing  completed',
      '▽ runner   shutting down: idle',
    ]);
    expect(lines.at(-1)).toMatch(
      /^▼ runner {3}down after \d+ ms: 1 completed, 0 stopped, 0 failed$/,
    );
  });
});
