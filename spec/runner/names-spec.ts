import { describe, expect, it } from '@jest/globals';
import { EMPTY, NEVER, Observable, observable } from 'rxjs';
import { DuplicateNameError, Runner, UnknownTaskError } from '../../src/index.js';
import { VIRTUAL_FLAVOURS, observe, told, virtually } from './support.js';

const names = (runner: Runner): string[] => runner.tasks().map(({ name }) => name);

/** A function of any name. */
const called = (name: string): (() => Observable<never>) =>
  Object.defineProperty(() => NEVER, 'name', { value: name });

describe('names', () => {
  it("should be the given one, else the function's, else `task`", async () => {
    await using runner = new Runner();
    const poller = () => NEVER;
    runner.adopt(poller);
    runner.adopt(poller, { name: 'given' });
    runner.adopt(NEVER);
    runner.adopt(called(''), { name: 'web/poller' });
    runner.adopt({ [observable]: () => NEVER, subscribe: () => undefined } as never, { name: 'x' });
    expect(names(runner)).toEqual(['poller', 'given', 'task', 'web/poller', 'x']);
  });

  it('should be made unique with #2, #3… when none is given', async () => {
    await using runner = new Runner();
    for (let n = 0; n < 3; n++) {
      runner.adopt(NEVER);
      runner.adopt(called('poller'));
    }
    runner.adopt(called(''));
    expect(names(runner)).toEqual([
      'task',
      'poller',
      'task#2',
      'poller#2',
      'task#3',
      'poller#3',
      'task#4',
    ]);
  });

  it('should be refused when a living adopted task has the given one', async () => {
    await using runner = new Runner();
    const events = observe(runner);
    runner.adopt(NEVER, { name: 'a' });
    runner.adopt(called('b'));
    runner.adopt(called('b'));
    for (const name of ['a', 'b', 'b#2']) {
      const adopting = () => runner.adopt(NEVER, { name });
      expect(adopting).toThrow(DuplicateNameError);
      expect(adopting).toThrow(`task "${name}" exists already`);
    }
    expect(names(runner)).toEqual(['a', 'b', 'b#2']);
    expect(events).toEqual([]);
  });

  it('should never be refused to an execution, nor to a task without a given name', async () => {
    await using runner = new Runner();
    const ignore = { error: () => undefined };
    runner.adopt(NEVER, { name: 'a' });
    runner.execute(NEVER, { name: 'a' }).subscribe(ignore);
    runner.execute(called('a')).subscribe(ignore);
    runner.adopt(called('a'));
    runner.adopt(called('a'));
    runner.execute(NEVER, { name: 'a#2' }).subscribe(ignore);
    expect(names(runner)).toEqual(['a', 'a#2', 'a#3', 'a#4', 'a#5', 'a#2#2']);
  });

  it('should step over a number that was given as a name', async () => {
    await using runner = new Runner();
    runner.adopt(NEVER, { name: 'task#2' });
    runner.adopt(NEVER, { name: 'task#3' });
    runner.adopt(NEVER);
    runner.adopt(NEVER);
    runner.adopt(NEVER);
    expect(names(runner)).toEqual(['task#2', 'task#3', 'task', 'task#4', 'task#5']);
  });

  it.each([
    ['a', 'a', 'a#2#2', 'a#2'],
    ['a#2', 'a', 'a', 'a#2', 'a#2'],
    ['a#2#2', 'a#2', 'a', 'a', 'a#2', 'a'],
    ['a#1', 'a', 'a#1', 'a'],
    ['#2', '#2', '', ''],
  ])('should be unique however the functions are called: %s, %s, %s…', async (...functions) => {
    await using runner = new Runner();
    for (const name of functions) runner.adopt(called(name));
    expect(new Set(names(runner)).size).toBe(functions.length);
    // Each can be found by what it is called.
    for (const name of names(runner)) {
      await runner.stop(name);
      expect(names(runner)).not.toContain(name);
    }
    expect(names(runner)).toEqual([]);
  });

  it('should stay unique, and be found, in a long random coming and going', async () => {
    await using runner = new Runner();
    let seed = 42;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % below;
    };
    const stems = ['a', 'b', 'a#2', 'a#3', 'a#2#2', 'ab'];
    for (let step = 0; step < 3_000; step++) {
      const living = names(runner);
      const name = stems[random(stems.length)]!;
      if (living.length > 30 || (random(5) < 2 && living.length > 0)) {
        const victim = living[random(living.length)]!;
        await runner.stop(victim);
        expect(names(runner)).toEqual(living.filter((each) => each !== victim));
      } else if (random(2) === 0) {
        runner.adopt(called(name));
        expect(names(runner)).toHaveLength(living.length + 1);
      } else if (living.includes(name)) {
        expect(() => runner.adopt(NEVER, { name })).toThrow(DuplicateNameError);
      } else {
        runner.adopt(NEVER, { name });
        expect(names(runner)).toEqual([...living, name]);
      }
      expect(new Set(names(runner)).size).toBe(names(runner).length);
    }
  });
});

describe.each(VIRTUAL_FLAVOURS)('names, on $name', (flavourCase) => {
  it('should be free again when the life is over, from its exit on', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
      let again = true;
      runner.events$.subscribe(({ type }) => {
        if (type !== 'exit' || !again) return;
        again = false;
        runner.adopt(EMPTY, { name: 'a', flavour });
      });
      runner.adopt(EMPTY, { name: 'a', flavour });
      run();
      flush();
      expect(told(events)).toEqual([
        'up',
        'start a 1',
        'exit a 1 completed',
        'start a 1',
        'exit a 1 completed',
      ]);
    });
  });

  it('should be kept through restarts, and in backoff', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
      runner.adopt(
        () => {
          throw new Error('boom');
        },
        { name: 'a', flavour, restart: 'on-failure' },
      );
      run();
      at(1_500, () => {
        expect(() => runner.adopt(NEVER, { name: 'a', flavour })).toThrow(DuplicateNameError);
        void runner.shutdown();
      });
      flush();
      expect(runner.state).toBe('stopped');
    });
  });

  it('should be the first again when all namesakes are gone', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
      const living: string[][] = [];
      for (let n = 0; n < 3; n++) runner.adopt(NEVER, { flavour });
      run();
      at(1, () => {
        void runner.stop('task#2');
        runner.adopt(NEVER, { flavour });
        living.push(names(runner));
        for (const name of names(runner)) void runner.stop(name);
        runner.adopt(NEVER, { flavour });
        living.push(names(runner));
      });
      flush();
      expect(living).toEqual([['task', 'task#3', 'task#4'], ['task']]);
    });
  });

  it('should not be found any more from the exit on', async () => {
    const rejected = virtually(flavourCase, ({ runner, flavour, run, flush }) => {
      const rejected: Promise<unknown>[] = [];
      runner.events$.subscribe((event) => {
        if (event.type === 'exit') rejected.push(runner.stop(event.task).catch((e: unknown) => e));
      });
      runner.adopt(EMPTY, { name: 'a', flavour });
      run();
      flush();
      return rejected;
    });
    expect(await Promise.all(rejected)).toEqual([expect.any(UnknownTaskError)]);
  });
});
