import type { Observable } from 'rxjs';
import {
  Runner,
  type ServiceOptions,
  type TaskContext,
  runtime,
  service,
} from '../../src/index.js';
import type { Equal, Expect } from './support.js';

declare const runner: Runner;

export type RuntimeIsARunner = Expect<Equal<typeof runtime, Runner>>;

/* A class stays what it is: its constructor's arguments, its statics, its instances. */

@service({ runner, flavour: 'thread', module: import.meta.url, restart: 'always' })
export class Poller {
  static readonly default = new Poller('a', 1);
  constructor(url: string, interval?: number) {}
  async run({ signal }: TaskContext): Promise<void> {}
}
new Poller('a');
// @ts-expect-error -- a number is no url
new Poller(1);

const Watcher = service()(
  class Watcher {
    declare readonly path: string;
    run(): Observable<never> {
      throw new Error(this.path);
    }
  },
);
export type Path = Expect<Equal<InstanceType<typeof Watcher>['path'], string>>;

@service()
export class Derived extends Poller {
  override async run(): Promise<void> {}
}

// @ts-expect-error -- there is no method run
@service()
class WithoutRun {
  start() {}
}

// @ts-expect-error -- the same without syntax
service()(class {});

// @ts-expect-error -- an instance is run with the context alone
@service()
class TakesMore {
  run(context: TaskContext, more: string) {}
}

// @ts-expect-error -- the context is no string
@service()
class TakesAnother {
  run(context: string) {}
}

// @ts-expect-error -- nobody else could call it
@service()
class Private {
  private run() {}
}

// @ts-expect-error -- there would be nothing to be made
@service()
abstract class Abstract {
  abstract run(): void;
}

// @ts-expect-error -- called first
@service
class Uncalled {
  run() {}
}

class Members {
  // @ts-expect-error -- a method is no class
  @service()
  run() {}
}

/* Its options are those of adopt, but for the arguments, which are the constructor's. */

const options: ServiceOptions = { awaitReady: true, grace: 10, name: 'poll' };
service(options);
// @ts-expect-error -- the constructor takes them
service({ args: [1] });
// @ts-expect-error -- there is no such option
service({ interval: 5 });
// @ts-expect-error -- a class is no runner
service({ runner: Runner });
