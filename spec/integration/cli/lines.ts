/** The lines of lifecycle, without their times and the width of their columns. */
export const linesOf = (stderr: string): string[] =>
  stderr
    .split('\n')
    .filter((line) => OF_LIFECYCLE.test(line))
    .map((line) => line.slice(13).replace(/ {2,}/g, ' '));

/** What the command itself says, beside the lines of lifecycle. */
export const wordsOf = (stderr: string): string =>
  stderr
    .split('\n')
    .filter((line) => !OF_LIFECYCLE.test(line))
    .join('\n');

const OF_LIFECYCLE = /^\d\d:\d\d:\d\d\.\d{3} /;
