import {
  type Checks,
  aBoolean,
  aFunction,
  aName,
  aScheduler,
  anArray,
  countOrInfinity,
  duration,
  durationOrInfinity,
  oneOf,
} from './check.js';
import type {
  AdoptOptions,
  ExecuteOptions,
  Flavour,
  RestartOptions,
  SuperviseOptions,
} from './shapes.js';

export const RESTART_CHECKS: Checks<RestartOptions> = {
  restart: oneOf('never', 'on-failure', 'always'),
  backoff: aFunction,
  resetAfter: duration,
  maxRestarts: countOrInfinity,
  within: duration,
  scheduler: aScheduler,
};

export const SUPERVISE_CHECKS: Checks<SuperviseOptions> = { ...RESTART_CHECKS, name: aName };

export const EXECUTE_CHECKS: Checks<ExecuteOptions> = {
  name: aName,
  // A name that no flavour has is refused where the flavours are known.
  flavour: {
    accepts: (value) => typeof value === 'string' || isFlavour(value),
    wanted: 'give the name of a flavour or a flavour object, such as defineFlavour() makes',
  },
  args: anArray,
  grace: durationOrInfinity,
};

export const ADOPT_CHECKS: Checks<AdoptOptions> = {
  ...EXECUTE_CHECKS,
  ...RESTART_CHECKS,
  awaitReady: aBoolean,
  errors: oneOf('fatal', 'deliver'),
};

const isFlavour = (value: unknown): value is Flavour => {
  const { name, scheduler, enter } = (value ?? {}) as Partial<Flavour>;
  const isEntered = enter === undefined || typeof enter === 'function';
  return aName.accepts(name) && aScheduler.accepts(scheduler) && isEntered;
};
