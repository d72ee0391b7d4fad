import { describe, expect, it, jest } from '@jest/globals';
import { NEVER } from 'rxjs';
import { Runner, service } from '../../src/index.js';
import { isService } from '../../src/task/is-service.js';
import { turn } from '../runner/support.js';

interface Seen {
  readonly task: string;
  readonly flavour: string;
}

/** Which tasks start, of what flavour, when something is made: so many at least. */
async function starts(least: number, make: (runner: Runner) => unknown): Promise<Seen[]> {
  await using runner = new Runner();
  const seen: Seen[] = [];
  const started = new Promise<void>((resolve) => {
    runner.events$.subscribe((event) => {
      if (event.type === 'start') seen.push({ task: event.task, flavour: event.flavour });
      if (seen.length >= least) resolve();
    });
  });
  make(runner);
  void runner.run();
  await started;
  await turn();
  return seen;
}

class Plain {
  run(): unknown {
    return NEVER;
  }
}

describe('a subclass of a service', () => {
  it('should be a service, with the options of the class and a name of its own', async () => {
    const seen = await starts(3, (runner) => {
      const Base = service({ runner, flavour: 'async' })(class Base extends Plain {});
      class Sub extends Base {}
      class SubSub extends Sub {}
      new Sub();
      new SubSub();
      new Base();
    });

    expect(seen).toEqual([
      { task: 'Sub', flavour: 'async' },
      { task: 'SubSub', flavour: 'async' },
      { task: 'Base', flavour: 'async' },
    ]);
  });

  it('should be adopted once when it is decorated, with its own options', async () => {
    const seen = await starts(2, (runner) => {
      const nowhere = new Runner();
      @service({ runner: nowhere, flavour: 'async', name: 'base' })
      class Base extends Plain {}
      @service({ runner, name: 'sub' })
      class Sub extends Base {}
      class SubSub extends Sub {}
      new Sub();
      new SubSub();
    });

    expect(seen).toEqual([
      { task: 'sub', flavour: 'asap' },
      { task: 'sub#2', flavour: 'asap' },
    ]);
  });

  it('should be adopted when its constructor has finished, with what that has set', async () => {
    const ran = jest.fn();
    await starts(1, (runner) => {
      @service({ runner })
      class Base {
        readonly what: string;
        constructor(what: string) {
          this.what = what;
        }
        run() {
          ran(this);
        }
      }
      @service({ runner })
      class Sub extends Base {
        readonly #secret: string;
        constructor() {
          super('base');
          this.#secret = `${this.what} and sub`;
        }
        get secret() {
          return this.#secret;
        }
      }
      new Sub();
    });

    expect(ran).toHaveBeenCalledTimes(1);
    expect(ran.mock.calls[0]![0]).toMatchObject({ what: 'base', secret: 'base and sub' });
  });

  it('should be adopted once when the same class is decorated twice, as the last one says', async () => {
    const seen = await starts(1, (runner) => {
      @service({ runner, name: 'outer' })
      @service({ runner, name: 'inner' })
      class Poller extends Plain {}
      new Poller();
    });

    expect(seen).toEqual([{ task: 'outer', flavour: 'asap' }]);
  });

  it('should not take for its own what its constructor makes before and after super()', async () => {
    const seen = await starts(4, (runner) => {
      @service({ runner })
      class Base extends Plain {}
      @service({ runner })
      class Sub extends Base {
        constructor(depth: number) {
          if (depth > 0) new Sub(depth - 1);
          super();
          new Base();
        }
      }
      new Sub(1);
    });

    expect(seen.map(({ task }) => task)).toEqual(['Base', 'Sub', 'Base#2', 'Sub#2']);
  });

  it('should leave those alone whose sibling has failed to be constructed', async () => {
    const seen = await starts(1, (runner) => {
      @service({ runner })
      class Base extends Plain {}
      @service({ runner })
      class Sub extends Base {
        constructor(depth: number) {
          super();
          if (depth > 0) new Sub(depth - 1);
          if (depth > 0) throw new Error('no');
        }
      }
      expect(() => new Sub(1)).toThrow('no');
    });

    expect(seen.map(({ task }) => task)).toEqual(['Sub']);
  });

  it('should not be adopted when it is of the class as it was before it was decorated', async () => {
    const seen = await starts(0, (runner) => {
      class Base extends Plain {}
      service({ runner })(Base);
      class Sub extends Base {}
      new Base();
      new Sub();
    });

    expect(seen).toEqual([]);
  });

  it('should be adopted however it is constructed: bound, reflected, by way of an instance', async () => {
    const seen = await starts(4, (runner) => {
      @service({ runner })
      class Poller extends Plain {}
      const Bound = Poller.bind(null);
      const { constructor } = Reflect.construct<[], Poller>(Poller, []);
      new Bound();
      new (constructor as typeof Poller)();
      const Proxied = new Proxy(Poller, {});
      new Proxied();
      // Made as an instance of something else: none of ours.
      Reflect.construct(Poller, [], Map);
    });

    expect(seen.map(({ task }) => task)).toEqual(['Poller', 'Poller#2', 'Poller#3', 'Poller#4']);
  });
});

describe('isService', () => {
  it('should tell a service’s class, and its subclasses, from everything else', () => {
    class Base extends Plain {}
    const Service = service()(Base);

    expect([Service, class extends Service {}].map(isService)).toEqual([true, true]);
    expect([Base, Plain, new Base(), () => undefined, null, undefined].map(isService)).toEqual(
      Array(6).fill(false),
    );
  });
});
