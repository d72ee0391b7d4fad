const NUMBER = new Intl.NumberFormat('en');

/** `12,460` */
export const say = (n: number): string => NUMBER.format(n);

/** `1 file`, `12,460 files`; irregular plurals are given: `counted(2, 'batch', 'batches')`. */
export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${say(n)} ${n === 1 ? one : many}`;

/** `179.3 MB`, in decimal units. */
export function sayBytes(bytes: number): string {
  if (bytes < 1_000) return counted(bytes, 'byte');
  const units = ['kB', 'MB', 'GB', 'TB'];
  let amount = bytes / 1_000;
  // 999,950 would be rounded to 1000.0 kB.
  while (amount >= 999.95 && units.length > 1) {
    amount /= 1_000;
    units.shift();
  }
  return `${amount.toFixed(1)} ${units[0] ?? ''}`;
}

/** `2.4 s` */
export const saySeconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** Names may hold anything: no control character reaches the terminal. */
export const sayPath = (path: string): string => path.replace(/\p{Cc}/gu, '\ufffd');
