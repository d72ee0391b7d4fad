import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { InvalidPayloadError, Runner, service } from '../../src/index.js';
import { isThreaded } from '../../src/task/threaded-payload.js';
import { markThread } from '../../src/thread/mark.js';
import { turn } from '../runner/support.js';

const module = import.meta.url;

/** A runner that notes what it's given, and adopts none of it. */
function makeRunner() {
  const runner = new Runner();
  const adopt = jest.spyOn(runner, 'adopt').mockReturnValue(undefined as never);
  return { runner, adopted: () => adopt.mock.calls as unknown[][] };
}

describe('a service of the flavour thread', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('should be adopted as a payload for a thread: module, class, and the arguments', async () => {
    const { runner, adopted } = makeRunner();
    @service({ runner, flavour: 'thread', module, restart: 'always', name: 'poll' })
    class Poller {
      // eslint-disable-next-line @typescript-eslint/no-useless-constructor -- its arguments are what this is about
      constructor(_url: string, _interval: number) {}
      run() {}
    }
    new Poller('here', 5);
    await turn();
    const [[payload, options]] = adopted() as [[unknown, unknown]];

    expect(isThreaded(payload)).toBe(true);
    expect(payload).toMatchObject({
      module,
      export: 'Poller',
      name: 'poll',
      args: ['here', 5],
      target: { isService: true },
    });
    expect(options).toEqual({ flavour: 'thread', restart: 'always' });
  });

  it('should say where it was made, should it fail', async () => {
    const { runner, adopted } = makeRunner();
    @service({ runner, flavour: 'thread', module })
    class Poller {
      run() {}
    }
    new Poller();
    await turn();

    expect(adopted()[0]![0]).toMatchObject({
      callerStack: expect.stringMatching(/^ +at .*in-threads-spec/),
    });
  });

  it('should take a path, and a URL, for its module', async () => {
    const { runner, adopted } = makeRunner();
    for (const given of ['/app/poller.js', new URL('file:///app/poller.js')]) {
      const Poller = service({ runner, flavour: 'thread', module: given })(
        class Poller {
          run() {}
        },
      );
      new Poller();
    }
    await turn();

    expect(adopted().map(([payload]) => payload)).toEqual([
      expect.objectContaining({
        target: expect.objectContaining({ module: 'file:///app/poller.js' }),
      }),
      expect.objectContaining({
        target: expect.objectContaining({ module: 'file:///app/poller.js' }),
      }),
    ]);
    expect(pathToFileURL('/app/poller.js').href).toBe('file:///app/poller.js');
  });

  it('should construct nothing of a subclass that is not decorated', () => {
    const { runner } = makeRunner();
    const constructed = jest.fn();
    @service({ runner, flavour: 'thread', module, name: 'poll' })
    class Poller {
      constructor() {
        constructed();
      }
      run() {}
    }
    class Sub extends Poller {}

    expect(() => new Sub()).toThrow(InvalidPayloadError);
    expect(() => new Sub()).toThrow(/^class "Sub" .*service\(\{ flavour: 'thread', module/);
    expect(constructed).not.toHaveBeenCalled();
  });

  it('should mind neither a subclass of another flavour, nor one that is itself in a thread', async () => {
    const { runner, adopted } = makeRunner();
    @service({ runner, flavour: 'thread', module })
    class Poller {
      run() {}
    }
    @service({ runner, flavour: 'async' })
    class Here extends Poller {}
    @service({ runner, flavour: 'thread', module })
    class There extends Poller {}
    new Here();
    new There();
    await turn();

    expect(adopted().map(([payload]) => isThreaded(payload))).toEqual([false, true]);
  });

  // The last one: a mark is for good.
  it('should not adopt itself in a thread, whatever its flavour and the state of its runner', async () => {
    const { runner, adopted } = makeRunner();
    @service({ runner, flavour: 'thread', module })
    class Poller {
      run() {}
    }
    @service({ runner })
    class Other {
      run() {}
    }
    class Sub extends Poller {}
    markThread();
    await runner.shutdown();
    for (const Class of [Poller, Other, Sub]) expect(new Class()).toBeInstanceOf(Class);
    await turn();

    expect(adopted()).toEqual([]);
  });
});
