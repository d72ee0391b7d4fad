import { EMPTY, of } from 'rxjs';
import { describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../src/errors.js';
import { Runner, group, service, threaded } from '../../../src/index.js';
import { adoptDefault } from '../../../src/cli/module/adopt-default.js';

const MODULE = {
  path: '/app/poller.mjs',
  url: 'file:///app/poller.mjs',
  shown: 'poller.mjs',
  name: 'poller',
};
const noop = () => undefined;

const adopt = (exported: unknown, runner = new Runner(), module = MODULE) =>
  adoptDefault(runner, module, { default: exported });
const namesOf = (runner: Runner) => runner.tasks().map(({ name }) => name);

/** As a CommonJS module looks when it's imported. */
const COMMON = { ...MODULE, path: '/app/poller.cjs' };

describe('adoptDefault', () => {
  it.each([
    ['a function', function poll() {}, 'poll'],
    ['a function without a name', Object.defineProperty(() => 1, 'name', { value: '' }), 'poller'],
    ['one that has none of its own', { default: () => 1 }.default, 'poller'],
    ['an Observable', EMPTY, 'poller'],
    ['one of another kind', { [Symbol.observable ?? '@@observable']: () => of(1) }, 'poller'],
    ['a group', group([{ name: 'a', payload: noop }]), 'poller'],
    ['a threaded payload', threaded<{ tick(): void }>('file:///w.js').tick(), 'tick'],
  ])('should adopt %s', (_, payload, task) => {
    const runner = new Runner();

    expect(adopt(payload, runner)).toEqual({ task });
    expect(namesOf(runner)).toEqual([task]);
  });

  it('should adopt a list of specs as a group whose name is in nobody’s way', () => {
    const runner = new Runner();
    const specs = [
      { name: 'a', payload: noop },
      { name: '(poller)', payload: noop },
    ];

    expect(adopt(specs, runner)).toEqual({ task: '(poller)#2', members: ['a', '(poller)'] });
    expect(adopt([specs[0]], runner)).toEqual({ task: '(poller)', members: ['a'] });
    expect(adopt([specs[0]], runner)).toEqual({ task: '(poller)#3', members: ['a'] });
  });

  it('should run the members under the names that they have', async () => {
    const runner = new Runner();
    const started: string[] = [];
    const payload = ({ name }: { name: string }) => void started.push(name);
    adopt(
      [
        { name: 'a', payload },
        { name: 'b', payload },
      ],
      runner,
    );
    await runner.run({ until: 'idle' });

    expect(started).toEqual(['a', 'b']);
  });

  it('should find names for namesakes of several modules', () => {
    const runner = new Runner();
    for (let times = 0; times < 3; times++) adopt(EMPTY, runner);
    adopt(function poller() {}, runner);

    expect(namesOf(runner)).toEqual(['poller', 'poller#2', 'poller#3', 'poller#4']);
  });

  class Poller {
    run() {}
  }

  it.each([
    ['nothing', undefined],
    ['an empty list', []],
    ['a class', Poller],
    ['the class of a service', service({ runner: new Runner() })(class extends Poller {})],
  ])('should leave %s alone', (_, exported) => {
    const runner = new Runner();

    expect(adopt(exported, runner)).toBeUndefined();
    expect(namesOf(runner)).toEqual([]);
  });

  it('should leave an instance of a service alone, which is adopted by itself', async () => {
    const runner = new Runner();
    const Service = service({ runner })(class extends Poller {});

    expect(adopt(new Service(), runner)).toBeUndefined();
    await runner.run({ until: 'idle' });
    expect(() => adopt(new Poller())).toThrow(/payload is Poller \{\}, which cannot be run/);
  });

  it.each([
    ['a promise', Promise.resolve(), /^payload is Promise .*: wrap it in a function/],
    ['an object', { port: 80 }, /^payload is \{ port: 80 \}, which cannot be run/],
    ['null', null, /^payload is null/],
    [
      'a builder',
      threaded<{ tick(): void }>('file:///w.js').tick,
      /^payload is the builder of "tick"/,
    ],
    ['a spec without a name', [{ payload: noop }], /^option "name" is undefined/],
    ['a spec of nothing', [null], /^number 1 of the list is null: give \{ name, payload \}$/],
    [
      'a list of payloads',
      [{ name: 'a', payload: noop }, noop],
      /^number 2 of the list is \[Function: noop\]: give \{ name, payload \}$/,
    ],
    ['a spec alone', { name: 'a', payload: noop }, /put it into a list/],
    [
      'two of one name',
      [
        { name: 'a', payload: noop },
        { name: 'a', payload: noop },
      ],
      /^task "a" exists/,
    ],
    ['an unknown option', [{ name: 'a', payload: noop, restarts: 1 }], /^option "restarts" is 1/],
  ])('should refuse %s, and say why', (_, exported, why) => {
    const runner = new Runner();
    let message = '';
    try {
      adopt(exported, runner);
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      ({ message } = error as Error);
    }
    const [begin, reason] = message.split(": its default export can't be run: ");

    expect(begin).toBe('poller.mjs');
    expect(reason).toMatch(why);
    expect(namesOf(runner)).toEqual([]);
  });

  describe('of a CommonJS module', () => {
    it.each([
      ['a function', noop, ['noop']],
      ['what an ES module exports by default', { __esModule: true, default: noop }, ['noop']],
      ['an Observable', EMPTY, ['poller']],
      ['a list', [{ name: 'a', payload: noop }], ['(poller)']],
    ])('should adopt %s', (_, exported, tasks) => {
      const runner = new Runner();
      adopt(exported, runner, COMMON);

      expect(namesOf(runner)).toEqual(tasks);
    });

    it.each([
      ['no export at all', {}],
      ['exports by name', { port: 80 }],
      ['an ES module without a default', { __esModule: true, port: 80 }],
    ])('should take %s for no default', (_, exported) => {
      expect(adopt(exported, new Runner(), COMMON)).toBeUndefined();
    });

    it('should know it by what newer versions of Node say', () => {
      const exports = { default: { port: 80 }, 'module.exports': { port: 80 } };

      expect(adoptDefault(new Runner(), MODULE, exports)).toBeUndefined();
    });
  });
});
