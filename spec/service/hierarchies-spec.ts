import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NEVER } from 'rxjs';
import { Runner, service } from '../../src/index.js';
import { ofTask, observe, turn } from '../runner/support.js';

/** One class of a hierarchy, the base first. */
interface Level {
  readonly decorated: boolean;
  /** Whether its constructor throws, when all below it have finished. */
  readonly throws: boolean;
  /** Whether its constructor makes another instance of what is being made, once. */
  readonly recurses: boolean;
}

type Maker = new (depth?: number) => { readonly levels: number[] };

const level = fc.record({
  decorated: fc.boolean(),
  throws: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  recurses: fc.boolean(),
});
const hierarchy = fc.array(level, { minLength: 1, maxLength: 5 });

/** Builds the classes, each below the one before; what is run notes how far its instance had come. */
function build(runner: Runner, levels: readonly Level[], ran: number[][]): Maker {
  const top: { Class: Maker } = {
    Class: class Base {
      readonly levels: number[] = [];
      run(): unknown {
        ran.push([...this.levels]);
        return NEVER;
      }
    },
  };
  levels.forEach(({ decorated, throws, recurses }, n) => {
    const Parent = top.Class as new (depth?: number) => { levels: number[]; run(): unknown };
    const Class = class extends Parent {
      constructor(depth = 0) {
        super(depth);
        if (recurses && depth === 0) new top.Class(1);
        if (throws && depth === 0) throw new Error(`level ${n}`);
        this.levels.push(n);
      }
    };
    Object.defineProperty(Class, 'name', { value: `Level${n}` });
    top.Class = decorated ? service({ runner, name: `level ${n}` })(Class) : Class;
  });
  return top.Class;
}

describe('a hierarchy of classes', () => {
  it('should have each instance adopted once, whole, by the nearest that is decorated, and none that has failed below that', async () => {
    await fc.assert(
      fc.asyncProperty(hierarchy, async (levels) => {
        const runner = new Runner();
        const events = observe(runner);
        const ran: number[][] = [];
        const Top = build(runner, levels, ran);
        void runner.run();
        const nearest = levels.findLastIndex(({ decorated }) => decorated);
        const firstThrow = levels.findIndex(({ throws }) => throws);
        // Who is made before that.
        const reached = firstThrow < 0 ? levels : levels.slice(0, firstThrow + 1);
        const others = reached.filter(({ recurses }) => recurses).length;
        const fails = firstThrow >= 0;
        // Nobody can tell that a constructor has thrown which isn't decorated, nor below one that is.
        const isAdopted = !fails || firstThrow > nearest;

        if (fails) expect(() => new Top()).toThrow(`level ${firstThrow}`);
        else new Top();
        await turn();

        const whole = levels.map((_, n) => n);
        const expected = Array.from({ length: others }, () => whole);
        const partial = fails ? whole.slice(0, firstThrow) : whole;
        if (nearest >= 0) {
          const all = isAdopted ? [...expected, partial] : expected;
          expect(ran.map(String).sort()).toEqual(all.map(String).sort());
          expect(ofTask(events, `level ${nearest}`).length).toBe(all.length > 0 ? 1 : 0);
        } else expect(ran).toEqual([]);
        await runner.shutdown();
      }),
      { numRuns: 300 },
    );
  });
});
