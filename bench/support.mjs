/** Counts `total` calls of `count` down to the resolution of `over`. */
export function countdown(total) {
  let left = total;
  let end;
  const over = new Promise((resolve) => {
    end = resolve;
  });
  const count = () => {
    if (--left === 0) end();
  };
  return { count, over };
}

export const perSecond = (count, elapsed) => (count / elapsed) * 1_000;

/** What every failing payload throws: making a stack costs more than most of what is measured here. */
export const ERROR = new Error('crash');
