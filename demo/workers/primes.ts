/** How many primes there are below a limit. Takes long, and nothing else runs on its thread meanwhile. */
export function countPrimes(limit: number): number {
  if (limit > 100_000_000) throw new RangeError(`${limit} is too far`);
  const isComposite = new Uint8Array(limit);
  let count = 0;
  for (let n = 2; n < limit; n++) {
    if (isComposite[n]) continue;
    count++;
    for (let multiple = n * n; multiple < limit; multiple += n) isComposite[multiple] = 1;
  }
  return count;
}

/** Does what no function should: it ends its thread. */
export function exit(code: number): void {
  process.exit(code);
}
