import type { Observable } from 'rxjs';
import type { SuperviseOptions } from './shapes.js';

/** An attempt that is being subscribed right now, as seen from inside the pipe that it subscribes. */
export interface InCharge {
  /** Supervises a source as a child of the attempt: narrated as a life of its own. */
  supervise<T>(source$: Observable<T>, options: SuperviseOptions): Observable<T>;
}

let current: InCharge | undefined;

/** The attempt whose payload is being called or subscribed at this moment, synchronously. */
export const attemptInCharge = (): InCharge | undefined => current;

/** Says who is in charge from now on; returns who was, to be put back. */
export function takeCharge(attempt: InCharge | undefined): InCharge | undefined {
  const outer = current;
  current = attempt;
  return outer;
}
