import fc from 'fast-check';
import { isTaskEvent } from './history.js';
import type { Member, Program, Script, Task } from './program.js';
import { runProgram } from './run-program.js';
import { sayEvent, sayProgram } from './say.js';
import { search } from './search.js';
import type { Settings } from './settings.js';

const after = fc.constantFrom(0, 1, 5, 10, 20);

const script: fc.Arbitrary<Script> = fc.record({
  enters: fc.constantFrom<Script['enters']>([], [], [{ act: 'fail', fault: 'an Error' }]),
  later: fc.array(
    fc.record({
      after,
      act: fc.constantFrom<Script['later'][number]['act']>(
        { act: 'fail', fault: 'an Error' },
        { act: 'complete' },
        { act: 'emit', value: 'a value' },
      ),
    }),
    { maxLength: 2 },
  ),
});

const task: fc.Arbitrary<Task> = fc.record({
  shape: fc.constantFrom('an Observable', 'a function'),
  scripts: fc.array(script, { minLength: 1, maxLength: 3 }),
  terms: fc.record({
    restart: fc.constantFrom('never', 'on-failure', 'always'),
    backoff: fc.record({ kind: fc.constant('constant'), delay: fc.constantFrom(1, 10, 20) }),
  }),
});

const CALM: Task = { shape: 'an Observable', scripts: [{ enters: [], later: [] }], terms: {} };

/** I31: what one member does is nothing to another. */
export const checkIsolation = (settings: Settings): Promise<string | undefined> =>
  search(
    fc.tuple(task, task),
    async ([x, y]) => {
      const beside = await course(toProgram(x, y));
      const alone = await course(toProgram(x, CALM));
      return beside === alone
        ? []
        : [`I31: beside the other it is\n${beside}\nand beside a calm one\n${alone}`];
    },
    ([x, y]) => sayProgram(toProgram(x, y)),
    settings,
  );

function toProgram(...tasks: readonly Task[]): Program {
  const members = tasks.map((one): Member => ({ task: one, after: [], significant: false }));
  const group: Task = {
    shape: 'a group',
    scripts: [{ enters: [], later: [] }],
    terms: {},
    members,
    strategy: 'one-for-one',
  };
  return {
    grace: 10,
    shutdownTimeout: 50,
    meddlers: [],
    commands: [
      { do: 'run' },
      { do: 'adopt', task: group, watched: false },
      { do: 'advance', by: 60 },
    ],
  };
}

/** What is told of the first member, but for the numbers that count everything; till the end is near. */
async function course(program: Program): Promise<string> {
  const { world } = await runProgram(program);
  return world.log
    .filter(isTaskEvent)
    .filter(({ task: path, at }) => path === 't1/m0' && at < 60)
    .map((event) => sayEvent({ ...event, seq: 0, ...('error' in event && { error: undefined }) }))
    .join('\n');
}
