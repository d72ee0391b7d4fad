/** Answers, of a service's class and its subclasses, with the nearest that is decorated, whatever copy of this package did it. */
export const SERVICE: unique symbol = Symbol.for('rxvisor.service') as never;

/** A class whose instances are adopted by themselves, or a class below one. */
export interface ServiceMark {
  readonly [SERVICE]: unknown;
}

/** Whether something is one. */
export const isService = (Class: unknown): boolean =>
  typeof Class === 'function' && typeof (Class as Partial<ServiceMark>)[SERVICE] === 'function';
