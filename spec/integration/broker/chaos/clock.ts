/** In ms, by the clock that all processes of this machine have. */
export const now = (): number => Number(process.hrtime.bigint() / 1_000_000n);
