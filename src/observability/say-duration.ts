/** Puts a span of time, given in ms, in words: `150 ms`, `2 s`, `1.5 s`, `1 min 5 s`, `2 h 3 min`. */
export function sayDuration(ms: number): string {
  if (Math.round(ms) < SECOND) return `${Math.round(ms)} ms`;
  const tenths = Math.round(ms / 100) / 10;
  if (tenths < 60) return `${tenths} s`;
  const seconds = Math.round(ms / SECOND);
  if (seconds < 3_600) return pair(seconds, 60, 'min', 's');
  return pair(Math.round(seconds / 60), 60, 'h', 'min');
}

const SECOND = 1_000;

/** `pair(65, 60, 'min', 's')` is `1 min 5 s`; nothing is said of a rest of 0. */
const pair = (total: number, size: number, large: string, small: string) => {
  const rest = total % size;
  return `${Math.floor(total / size)} ${large}${rest > 0 ? ` ${rest} ${small}` : ''}`;
};
