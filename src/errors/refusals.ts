import { show } from '../show.js';
import { RxvisorError } from './rxvisor-error.js';

/** A runner (or an attempt) was asked for what it can't do in its state. */
export class RunnerStateError extends RxvisorError {
  override readonly code = 'ERR_RXVISOR_RUNNER_STATE';
  readonly state: string;

  constructor(state: string, message: string) {
    super(message);
    this.state = state;
  }
}

/** A living task, or another member of the group, has this name already. */
export class DuplicateNameError extends RxvisorError {
  override readonly code = 'ERR_RXVISOR_DUPLICATE_NAME';
  readonly task: string;

  constructor(
    task: string,
    wayOut = 'give option "name" another value, or leave it out and it is made unique',
  ) {
    super(`task "${task}" exists already: ${wayOut}`);
    this.task = task;
  }
}

/** No living task has this name. */
export class UnknownTaskError extends RxvisorError {
  override readonly code = 'ERR_RXVISOR_UNKNOWN_TASK';
  readonly task: string;

  constructor(task: string) {
    super(
      `task "${task}" is not known: it has ended, or was never adopted (tasks() lists the living)`,
    );
    this.task = task;
  }
}

/** What was handed in can't be run again and again, or not at all. */
export class InvalidPayloadError extends RxvisorError {
  override readonly code = 'ERR_RXVISOR_INVALID_PAYLOAD';
}

/** An option that doesn't exist, or a value that it can't have. */
export class InvalidOptionError extends RxvisorError {
  override readonly code = 'ERR_RXVISOR_INVALID_OPTION';
  readonly option: string;
  readonly value: unknown;

  constructor(option: string, value: unknown, wanted: string) {
    const shown = isSecret(value) ? 'an address with a password' : value;
    super(`option "${option}" is ${show(shown)}: ${wanted}`);
    this.option = option;
    this.value = shown;
  }
}

/** A connection string in the wrong place is said as little as in the right one. */
const isSecret = (value: unknown) =>
  typeof value === 'string' && /^[a-z][\w+.-]*:\/\/[^/?#]*:[^/?#]*@/i.test(value);

/** A package that is installed only by those who need it is needed, and isn't there. */
export class MissingPackageError extends RxvisorError {
  override readonly code = 'ERR_RXVISOR_MISSING_PACKAGE';
  readonly package: string;

  /** @param purpose  What the package is needed for: `to load worker modules in TypeScript`. */
  constructor(name: string, purpose: string, options?: ErrorOptions) {
    super(
      `package "${name}" is needed ${purpose} and is not installed: npm install ${name}`,
      options,
    );
    this.package = name;
  }
}

/** The command was called with what it doesn't understand. */
export class UsageError extends RxvisorError {
  override readonly code = 'ERR_RXVISOR_USAGE';
}

/** A job was handed to a backend that has shut down. */
export class BackendClosedError extends RxvisorError {
  override readonly code = 'ERR_RXVISOR_BACKEND_CLOSED';

  constructor(message = 'this backend has shut down and takes no job any more: make another one') {
    super(message);
  }
}

/** A backend has no connection to its database. */
export class BackendDownError extends RxvisorError {
  override readonly code = 'ERR_RXVISOR_BACKEND_DOWN';
  /** Where the database is looked for, if that's known: a name, an address, or the folder of a socket. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** Whether it may come by itself, as far as one can know: not if the database answers, and refuses. */
  readonly isPassing: boolean;

  constructor(message: string, { host, port, isPassing = true }: DatabaseAddress = {}) {
    super(message);
    this.host = host;
    this.port = port;
    this.isPassing = isPassing;
  }
}

/** Where there's no database, and whether there may be one in a moment. */
export interface DatabaseAddress {
  readonly host?: string;
  readonly port?: number;
  readonly isPassing?: boolean;
}
