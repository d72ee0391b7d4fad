/** How many jobs may run at a time in all processes together. */
export interface Limits {
  /** Of a queue. */
  readonly fleetConcurrency: number;
  /** Of one group. */
  readonly groupConcurrency: number;
}

export const isLimited = ({ fleetConcurrency, groupConcurrency }: Limits): boolean =>
  fleetConcurrency < Infinity || groupConcurrency < Infinity;
