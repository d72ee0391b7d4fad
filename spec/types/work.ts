import { type Observable, of } from 'rxjs';
import { type TaskContext, type Transfer, transfer } from '../../src/index.js';

/* A worker module, as the type specs of threads see it: what its exports take and return. */

export const digest = (path: string, context: TaskContext): string => path + context.name;
export const add = (a: number, b: number): number => a + b;
export const tick = (): number => 1;
export const poll = (context: TaskContext): Promise<boolean> =>
  Promise.resolve(context.signal.aborted);
export const tail = async function* (path: string, lines: number, context: TaskContext) {
  yield await Promise.resolve({ path, lines, by: context.name });
};
export function* count(to: number) {
  for (let i = 0; i < to; i++) yield i;
}
export const watch = (paths: readonly string[]): Observable<Date> => of(new Date(paths.length));
export const log = (line: string): void => {
  void line;
};

/* Arguments that may be left out. */

export const head = (path: string, lines?: number): string => `${path}${lines ?? ''}`;
export const retry = (times = 3, context?: TaskContext): number => times + (context?.attempt ?? 0);

/* Any number of arguments. */

export const list = (...all: unknown[]): number => all.length;
export const join = (...parts: string[]): string => parts.join('');
export const all = (...given: [...string[], TaskContext]): number => given.length;
export const most = (first: string, ...given: [...number[], TaskContext]): string =>
  first + String(given.length);

/* What looks like a context and isn't one. */

export const loose = (anything: any): number => (anything as number) + 1;
export const wide = (something: unknown): unknown => something;
export const greet = (person: { readonly name: string }): string => person.name;

/* What is moved. */

export const blur = (pixels: ArrayBuffer, radius: number): Transfer<ArrayBuffer> =>
  transfer(pixels, radius > 0 ? [pixels] : []);
export const blurLater = async (pixels: ArrayBuffer) => Promise.resolve(transfer(pixels, [pixels]));
export const frames = async function* (pixels: ArrayBuffer) {
  yield transfer(await Promise.resolve(pixels), [pixels]);
};
export const frames$ = (pixels: ArrayBuffer): Observable<Transfer<ArrayBuffer> | null> =>
  of(transfer(pixels, [pixels]), null);

/* The best that can be done. */

export const same = <T>(value: T): T => value;
export declare const parse: {
  (text: string): object;
  (text: string, as: 'number'): number;
};
export const fail = (): never => {
  throw new Error('boom');
};

/* What is no function. */

export const version = '1.0.0';
export class Poller {
  readonly name = 'poller';
}
export const then = (): number => 1;

export default function main(): boolean {
  return true;
}
