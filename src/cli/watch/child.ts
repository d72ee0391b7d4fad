import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type Observable, type SchedulerLike, from, fromEvent, map, takeUntil, timer } from 'rxjs';
import { type Said, VARIABLE } from './wire.js';

/** A process that is watched. */
export interface Child {
  /** What it says, as it says it. */
  readonly said$: Observable<Said>;
  /** Its exit code, or 128 + the number of the signal that ended it. */
  readonly exit: Promise<number>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

/**
 * Starts this command once more, to be watched: it tells what it loads, and stops when this process
 * is gone.
 *
 * @param args  Of the command.
 */
export function startChild(args: readonly string[]): Child {
  const [, main = ''] = process.argv;
  const preload = ['--import', import.meta.resolve('#watch-preload')];
  const child = spawn(process.execPath, [...process.execArgv, ...preload, main, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe', 'pipe'],
    env: { ...process.env, [VARIABLE]: '3 4' },
  });
  const input = child.stdio[3] as Readable;
  child.stdio[4]?.on('error', () => undefined);
  const said$ = fromEvent(createInterface({ input }), 'line') as Observable<string>;
  return {
    said$: said$.pipe(map((line) => JSON.parse(line) as Said)),
    exit: new Promise((resolve, reject) => {
      child.on('error', reject).on('exit', (code, signal) => {
        resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
      });
    }),
    kill: (signal) => {
      child.kill(signal);
    },
  };
}

/** Does something after a time, in ms, unless the child is over by then. */
export function unlessOver(
  { exit }: Pick<Child, 'exit'>,
  time: number,
  scheduler: SchedulerLike,
  act: () => void,
): void {
  timer(time, scheduler)
    .pipe(takeUntil(from(exit)))
    .subscribe({
      next: act,
      // It could not be started, which is told where its end is waited for.
      error: () => undefined,
    });
}
