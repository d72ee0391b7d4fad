import {
  type Observable,
  asyncScheduler,
  combineLatest,
  defer,
  finalize,
  ignoreElements,
  merge,
  sampleTime,
  scan,
  startWith,
  tap,
  throttleTime,
} from 'rxjs';

/** What there is to be seen. */
export interface View {
  /** What happens, a line each. */
  readonly lines$: Observable<string>;
  /** How far it is, again and again, and a last time at the end. */
  readonly status$: Observable<string>;
}

const HISTORY = 8;
const FRAME = 50;
const SECOND = 1_000;

/** On a terminal: the latest lines, and below them the status, drawn over and over in the same place. */
export function showFrames({ lines$, status$ }: View, out: NodeJS.WriteStream): Observable<never> {
  const latest$ = lines$.pipe(
    scan((lines, line) => [...lines, line].slice(-HISTORY), [] as string[]),
    startWith<string[]>([]),
  );
  return defer(() => {
    let height = 0;
    const restore = () => out.write(SHOW_CURSOR);
    process.once('exit', restore);
    out.write(HIDE_CURSOR);
    return combineLatest([latest$, status$]).pipe(
      throttleTime(FRAME, asyncScheduler, { leading: true, trailing: true }),
      tap(([lines, status]) => {
        const { columns, rows } = sizeOf(out);
        // One that is higher than the screen could not be drawn over.
        const below = ['', ...status.split('\n')];
        const frame = [...lines.slice(below.length + 1 - rows), ...below];
        const drawing = frame.map((text) => toRow(cut(text, columns))).join('');
        out.write(`${moveUp(height)}${NO_WRAP}${drawing}${ERASE_BELOW}${WRAP}`);
        height = frame.length;
      }),
      finalize(() => {
        process.off('exit', restore);
        restore();
      }),
      ignoreElements(),
    );
  });
}

/** Anywhere else: plain lines, and the status once a second, or as often as is said. */
export function showLines(
  { lines$, status$ }: View,
  out: NodeJS.WriteStream,
  every: number = SECOND,
): Observable<never> {
  return merge(lines$, status$.pipe(sampleTime(every))).pipe(
    tap((line) => out.write(`${line}\n`)),
    ignoreElements(),
  );
}

const NO_WRAP = '\u001b[?7l';
const ERASE_BELOW = '\u001b[J';
const WRAP = '\u001b[?7h';
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
// eslint-disable-next-line no-control-regex -- it's what colours are made of
const COLOUR_OR_CHARACTER = /\u001b\[\d+m|./gsu;

/** Shortens a line to what fits, whatever its colours. */
export function cut(text: string, columns: number): string {
  const pieces = text.match(COLOUR_OR_CHARACTER) ?? [];
  const isColour = (piece: string) => piece.startsWith('\u001b');
  if (pieces.filter((piece) => !isColour(piece)).length <= columns) return text;
  let room = columns - 1;
  const kept = pieces.filter((piece) => isColour(piece) || room-- > 0);
  return `${kept.join('')}…`;
}

/** Some terminals don't tell, and say 0. */
const sizeOf = ({ columns, rows }: NodeJS.WriteStream) => ({
  columns: columns > 0 ? columns : 80,
  rows: rows > 0 ? Math.max(rows, 4) : 24,
});
const toRow = (text: string) => `\u001b[2K${text}\n`;
const moveUp = (rows: number) => (rows > 0 ? `\u001b[${rows}A\r` : '');
