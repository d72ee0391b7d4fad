import { toFlavour } from '../flavours/flavours.js';
import { isOfThreads } from '../flavours/threads.js';
import { InvalidOptionError } from '../errors.js';
import type { Runner } from '../runner/runner.js';
import { type Checks, checkOptions, hasMethod } from '../task/check.js';
import { ADOPT_CHECKS } from '../task/options.js';
import type { AdoptOptions } from '../task/shapes.js';
import { aModule } from '../task/threaded.js';
import { runtime } from './runtime.js';

/** Options of `service`: those of `adopt`, but that the arguments are the constructor's. */
export interface ServiceOptions extends Omit<AdoptOptions, 'args'> {
  /** Who adopts the instances. @default runtime */
  readonly runner?: Runner;
  /**
   * With the flavour `'thread'`: the module that exports the class, `import.meta.url`. The thread loads
   * it, so it's one that does nothing else of its own.
   */
  readonly module?: URL | string;
}

/** How instances of a class are adopted: the options, settled. */
export interface Service {
  readonly runner: Runner;
  /** Of all instances; the class's if there's none. */
  readonly name: string | undefined;
  /** What a thread loads, if there's a thread. */
  readonly module: URL | string | undefined;
  readonly adoption: Omit<AdoptOptions, 'args' | 'name'>;
}

const { args: _, ...CHECKS } = ADOPT_CHECKS;

const SERVICE_CHECKS: Checks<ServiceOptions> = {
  ...CHECKS,
  runner: {
    accepts: (value) => hasMethod(value, 'adopt') && 'state' in value,
    wanted: 'give a Runner, or leave it out and it is the runtime',
  },
  module: aModule,
};

/** @throws {@link InvalidOptionError} */
export function toService(options: ServiceOptions): Service {
  checkOptions(options, SERVICE_CHECKS);
  const { runner = runtime, module, name, ...adoption } = options;
  const { flavour } = adoption;
  if (!isOfThreads(flavour)) {
    toFlavour(flavour);
    if (module !== undefined) throw new InvalidOptionError('module', module, NO_THREAD);
  } else if (module === undefined) throw new InvalidOptionError('module', module, NO_MODULE);
  return { runner, module, name, adoption };
}

const NO_THREAD = "only a service in a thread has one: give flavour: 'thread' too, or leave it out";
const NO_MODULE =
  'a service in a thread is constructed there: give import.meta.url, and export the class';
