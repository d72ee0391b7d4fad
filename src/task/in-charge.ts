import type { Observable } from 'rxjs';
import { shared } from '../shared.js';
import type { SuperviseOptions } from './shapes.js';

/** An attempt that is being subscribed right now, as seen from inside the pipe that it subscribes. */
export interface InCharge {
  /** Supervises a source as a child of the attempt: narrated as a life of its own. */
  supervise<T>(source$: Observable<T>, options: SuperviseOptions): Observable<T>;
}

/** Of all copies of this package: one may have the runner, another one what is piped in it. */
const charge = shared<{ current: InCharge | undefined }>('charge', () => ({ current: undefined }));

/** The attempt whose payload is being called or subscribed at this moment, synchronously. */
export const attemptInCharge = (): InCharge | undefined => charge.current;

/** Says who is in charge from now on; returns who was, to be put back. */
export function takeCharge(attempt: InCharge | undefined): InCharge | undefined {
  const outer = charge.current;
  charge.current = attempt;
  return outer;
}
