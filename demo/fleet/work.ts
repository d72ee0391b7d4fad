/** What there is to do: nothing, for half a second. */
export interface Work {
  readonly type: 'work';
  readonly n: number;
  readonly [member: string]: unknown;
}

/** How long a job takes, in ms. */
export const TAKES = 500;
/** How many jobs a worker does at a time. */
export const PLACES = 4;

/** What a worker says of itself. */
export type News =
  | { readonly type: 'ready' }
  | { readonly type: 'begun'; readonly n: number; readonly at: number }
  | { readonly type: 'done'; readonly n: number };

/** Where the jobs are: in tables that are easily dropped, in a queue that no other fleet looks at. */
export interface Place {
  readonly connectionString: string;
  readonly schema: 'rxvisor_demo';
  readonly queue: string;
}
