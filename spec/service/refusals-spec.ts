import { describe, expect, it, jest } from '@jest/globals';
import { asyncScheduler } from 'rxjs';
import {
  InvalidOptionError,
  InvalidPayloadError,
  Runner,
  RunnerFailedError,
  RunnerStateError,
  type ServiceClass,
  type ServiceOptions,
  ThreadScheduler,
  defineFlavour,
  service,
} from '../../src/index.js';
import { observe, surfacing, told, turn } from '../runner/support.js';

/** As one writes without a compiler. */
const anyhow = service as (options?: unknown) => (Class: unknown) => new () => object;

const REFUSED: Readonly<Record<keyof ServiceOptions | 'args' | 'interval', readonly unknown[]>> = {
  args: [[1]],
  interval: [5],
  name: ['', 7, null],
  flavour: ['nowhere', '', 7, null, {}],
  grace: [-1, '5', Number.NaN],
  restart: ['sometimes', true],
  backoff: [1_000],
  resetAfter: [Infinity],
  maxRestarts: [1.5],
  within: ['5'],
  scheduler: [{}],
  awaitReady: [1],
  errors: ['ignore'],
  runner: [{}, null, 'runtime', { adopt: () => undefined }, Runner],
  module: ['./work.js', 7, null, 'https://example.org/work.js'],
};

const CASES = Object.entries(REFUSED).flatMap(([option, values]) =>
  values.map((value): [string, unknown] => [option, value]),
);

describe('service', () => {
  it.each(CASES)('should refuse option %s: %p, by name, at decoration', (option, value) => {
    expect(() => anyhow({ [option]: value })).toThrow(
      expect.objectContaining({ code: 'ERR_RXVISOR_INVALID_OPTION', option, value }),
    );
  });

  it.each([null, 7, 'async', [], class extends Runner {}])(
    'should refuse options that are %p',
    (given) => {
      expect(() => anyhow(given)).toThrow(InvalidOptionError);
    },
  );

  it('should take options that are undefined as left out', () => {
    expect(() =>
      anyhow({ flavour: undefined, module: undefined, runner: undefined }),
    ).not.toThrow();
  });

  it('should refuse a flavour with threads and no module, and a module without threads', () => {
    const crunch = defineFlavour('crunch', new ThreadScheduler());
    const module = import.meta.url;
    for (const options of [{ flavour: 'thread' }, { flavour: crunch }]) {
      expect(() => service(options)).toThrow(/^option "module" is undefined: .*import\.meta\.url/);
      expect(() => service({ ...options, module })).not.toThrow();
    }
    const others = [{}, { flavour: 'async' }, { flavour: defineFlavour('mine', asyncScheduler) }];
    for (const options of others) {
      expect(() => service({ ...options, module })).toThrow(/^option "module" is .*'thread'/);
    }
  });

  it('should refuse a class without a method run, by name and with the way out', () => {
    const classes: unknown[] = [
      class Poller extends Map {},
      class Poller {
        run = () => undefined;
      },
      class Poller extends Map {
        static run() {}
      },
      class Poller {
        get run(): never {
          throw new Error('not before there is an instance');
        }
      },
    ];
    for (const Class of classes) {
      expect(() => anyhow()(Class)).toThrow(InvalidPayloadError);
      expect(() => anyhow()(Class)).toThrow(/^class .*Poller.* has no method "run".*write run/);
    }
    for (const other of [() => undefined, undefined, null, 7, {}]) {
      expect(() => anyhow()(other)).toThrow(InvalidPayloadError);
    }
  });

  it('should accept a class that inherits its run', () => {
    class Base {
      run() {}
    }
    expect(() => service()(class extends Base {})).not.toThrow();
  });

  it('should construct nothing when its runner is stopping or has stopped', async () => {
    const runner = new Runner();
    const constructed = jest.fn();
    @service({ runner })
    class Poller {
      constructor() {
        constructed();
      }
      run() {}
    }
    runner.adopt(({ onTeardown }) => onTeardown(turn), { name: 'slow' });
    const states: string[] = [];
    runner.events$.subscribe({
      next: ({ type }) => type === 'shutdown' && attempt(),
      complete: attempt,
    });
    function attempt() {
      try {
        new Poller();
      } catch (error) {
        expect(error).toBeInstanceOf(RunnerStateError);
        expect((error as RunnerStateError).message).toMatch(/^service "Poller" can't be made: its/);
        states.push((error as RunnerStateError).state);
      }
    }
    await runner.run({ until: 'idle' });

    expect(states).toEqual(['stopping', 'stopped']);
    expect(constructed).not.toHaveBeenCalled();
  });

  it('should not mind a runner that has stopped as it decorates, nor one of a class further up', async () => {
    const [stopped, runner] = [new Runner(), new Runner()];
    await stopped.shutdown();
    @service({ runner: stopped })
    class Base {
      run() {}
    }
    @service({ runner })
    class Poller extends Base {}
    new Poller();
    const { counts } = await runner.run({ until: 'idle' });

    expect(() => new Base()).toThrow(RunnerStateError);
    expect(counts.completed).toBe(1);
  });

  it('should adopt nothing, and complain of nothing, when its runner begins to stop meanwhile', async () => {
    const runner = new Runner();
    const events = observe(runner);
    const ran = jest.fn();
    @service({ runner })
    class Poller {
      run() {
        ran();
      }
    }
    const surfaced = await surfacing(async () => {
      const run = runner.run();
      new Poller();
      await runner.shutdown();
      await run;
    });

    expect(surfaced).toEqual([]);
    expect(told(events)).toEqual(['up', 'shutdown (shutdown)', 'down']);
    expect(ran).not.toHaveBeenCalled();
  });

  it('should say at once that a constructor has made something that can’t be run', async () => {
    const runner = new Runner();
    class Poller {
      constructor() {
        return Promise.resolve(this) as never;
      }
      run() {}
    }
    const Service = service({ runner })(Poller);

    expect(() => new Service()).toThrow(InvalidPayloadError);
    expect(() => new Service()).toThrow(
      /^the constructor of service "Poller" .*Promise.*do in run/,
    );
    expect((await runner.run({ until: 'idle' })).counts.completed).toBe(0);
  });

  it('should have adopted nothing of a constructor that has thrown', async () => {
    const runner = new Runner();
    const boom = new Error('boom');
    const ran = jest.fn();
    @service({ runner })
    class Poller {
      constructor(fails = true) {
        if (fails) throw boom;
      }
      run() {
        ran();
      }
    }
    @service({ runner })
    class Sub extends Poller {
      constructor(fails: boolean) {
        super(false);
        if (fails) throw boom;
      }
    }
    expect(() => new Poller()).toThrow(boom);
    expect(() => new Sub(true)).toThrow(boom);
    expect((await runner.run({ until: 'idle' })).counts.completed).toBe(0);
    expect(ran).not.toHaveBeenCalled();
  });

  it('should make a failure of the runner of what adopt throws, when nobody is there to catch it', async () => {
    const runner = new Runner();
    const boom = new Error('no more of these');
    const adopt = runner.adopt.bind(runner);
    jest.spyOn(runner, 'adopt').mockImplementationOnce(() => {
      throw boom;
    });
    @service({ runner })
    class Poller {
      run() {}
    }
    const surfaced = await surfacing(async () => {
      new Poller();
      const error = await runner.run().catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(RunnerFailedError);
      expect((error as RunnerFailedError).failures).toEqual([{ task: 'Poller', error: boom }]);
    });

    expect(surfaced).toEqual([]);
    expect(adopt).toBeDefined();
  });

  it('should be told from a payload: it is the instances that are adopted', () => {
    const Poller: ServiceClass = service()(
      class Poller {
        run() {}
      },
    );

    expect(() => new Runner().adopt(Poller as never)).toThrow(InvalidPayloadError);
  });
});
