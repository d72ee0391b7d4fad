/** The base of every error of this package. `code` is stable, `cause` is what led to it. */
export class RxvisorError extends Error {
  readonly code: string = 'ERR_RXVISOR';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
