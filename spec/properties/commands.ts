import fc from 'fast-check';
import type {
  Act,
  Ask,
  BackoffSpec,
  Command,
  Emission,
  Fault,
  Meddler,
  Member,
  Program,
  Script,
  Shape,
  Task,
  Teardown,
  Terms,
} from './program.js';

// Few times, so that they meet: the boundaries are drawn as often as what lies beside them.
const SPANS = [0, 1, 10, 20, 50];
const span = fc.constantFrom(...SPANS);
const advance = fc.constantFrom(0, 1, 9, 10, 11, 19, 20, 21, 50, 51, 100);

const emission = fc.constantFrom<Emission>(
  'a value',
  'a value',
  'undefined',
  'null',
  'zero',
  'false',
  'an empty string',
  'an empty list',
);

const fault = fc.constantFrom<Fault>(
  'an Error',
  'an Error',
  'an Error',
  'undefined',
  'null',
  'a string',
  'an AbortError',
  'StopRestarting',
  'StopRestarting with a cause',
  'its stop reason',
);

/** RxJS itself can't tell of a finalizer that throws null or undefined. */
const anyObject = fault.filter((drawn) => drawn !== 'null' && drawn !== 'undefined');

const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { freq: 4, nil: undefined });

/** Mostly nothing. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const ask = fc.constantFrom<Ask>(
  'stop',
  'restart',
  'restart',
  'stop',
  'restart',
  'restart',
  'stop',
  'shutdown',
);

const teardown: fc.Arbitrary<Teardown> = fc.record({
  after: fc.constantFrom<Teardown['after']>('at once', 'at once', 0, 1, 10, 20, Infinity),
  fault: seldom(fault),
  asks: seldom(ask),
});

const backoff = fc.oneof<fc.Arbitrary<BackoffSpec>[]>(
  fc.record({ kind: fc.constant('constant'), delay: span }),
  fc.record({
    kind: fc.constant('exponential'),
    initial: fc.constantFrom(1, 10),
    factor: fc.constantFrom(1, 2, 3),
    max: fc.constantFrom(5, 20, 40),
    jitter: fc.constantFrom('none', 'none', 'equal', 'full'),
  }),
  fc.record({
    kind: fc.constant('linear'),
    initial: span,
    step: span,
    max: fc.constantFrom(20, 40),
  }),
  fc.record({
    kind: fc.constant('odd'),
    delay: fc.constantFrom(NaN, -1, Infinity, -Infinity, 2 ** 31),
  }),
  fc.record({ kind: fc.constant('throws') }),
);

const terms: fc.Arbitrary<Terms> = fc.record({
  restart: fc.constantFrom(
    'never',
    'on-failure',
    'on-failure',
    'on-failure',
    'always',
    'always',
    'always',
    undefined,
  ),
  backoff: fc.oneof(
    { weight: 1, arbitrary: fc.constant(undefined) },
    {
      weight: 3,
      arbitrary: fc.constantFrom<BackoffSpec>(
        { kind: 'constant', delay: 0 },
        { kind: 'constant', delay: 10 },
      ),
    },
    { weight: 2, arbitrary: backoff },
  ),
  resetAfter: rarely(span),
  maxRestarts: rarely(fc.constantFrom(0, 1, 1, 2, 2, 3)),
  within: rarely(span),
  grace: rarely(fc.constantFrom(0, 10, 20, Infinity)),
  awaitReady: seldom(fc.constant(true)),
  errors: seldom(fc.constantFrom('fatal', 'deliver')),
});

/** Only what tells something has a child, a child has none. */
const plainAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constant('emit'), value: emission }) },
  { weight: 4, arbitrary: fc.record({ act: fc.constant('fail'), fault }) },
  { weight: 3, arbitrary: fc.constant<Act>({ act: 'complete' }) },
  { weight: 1, arbitrary: fc.constant<Act>({ act: 'ready' }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('teardown'), teardown }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('ask'), ask }) },
);

const shape = fc.constantFrom<Shape>(
  'an Observable',
  'a function',
  'a function',
  'a function that reads its signal',
  'a promise',
  'a promise that reads its signal',
);

const toScript = (act: fc.Arbitrary<Act>): fc.Arbitrary<Script> =>
  fc.record({
    enters: fc.array(act, { maxLength: 3, size: 'max' }),
    throws: seldom(seldom(fault)),
    later: fc.array(fc.record({ after: span, act }), { maxLength: 2, size: 'max' }),
    stops: fc.option(
      fc.record({ after: fc.constantFrom<'at once' | number>('at once', 0, 1, 10, 20), act }),
      {
        freq: 4,
        nil: undefined,
      },
    ),
    finalizer: seldom(anyObject),
  });

const toTask = (act: fc.Arbitrary<Act>): fc.Arbitrary<Task> =>
  fc.record({
    shape,
    scripts: fc.array(toScript(act), { minLength: 1, maxLength: 2, size: 'max' }),
    terms,
  });

const child = toTask(plainAct);

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: plainAct },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constant('adopt'), task: child, watched: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('execute'), task: child }) },
);

const task = toTask(act);

const drops = fc.record({ after: span, act: fc.constant<Act>({ act: 'drop' }) });

const ofContext = plainAct.filter(({ act: what }) => what === 'teardown' || what === 'ask');

/** A task that is led by others does nothing by itself. */
const toLed = (shape: Shape, led: fc.Arbitrary<Partial<Task>>): fc.Arbitrary<Task> =>
  fc
    .record({
      terms,
      led,
      enters: fc.array(ofContext, { maxLength: 1 }),
      later: fc.array(drops, { maxLength: shape === 'a group' ? 0 : 1 }),
    })
    .map(({ led: more, terms: given, enters, later }) => ({
      shape,
      scripts: [{ enters, later }],
      terms: given,
      ...more,
    }));

/** In one direction only, so that nobody waits for himself: for those before, or for those behind. */
const members = fc
  .record({
    backwards: fc.boolean(),
    list: fc.array(
      fc.record({
        task: child,
        after: fc.oneof(
          { weight: 3, arbitrary: fc.constant<number[]>([]) },
          { weight: 1, arbitrary: fc.uniqueArray(fc.nat(3), { maxLength: 2 }) },
        ),
        significant: fc.constantFrom(false, false, false, true),
      }),
      { minLength: 0, maxLength: 4, size: 'max' },
    ),
  })
  .map(({ backwards, list }) =>
    list.map((member, i) => ({
      ...member,
      after: member.after.filter(
        (other) => other < list.length && (backwards ? other > i : other < i),
      ),
    })),
  );

const groupTask = toLed(
  'a group',
  fc.record({
    members,
    strategy: fc.constantFrom('one-for-one', 'one-for-one', 'one-for-all', 'rest-for-one'),
  }),
);

/** Members that come up, go on for a while, and restart together. */
const crewMember: fc.Arbitrary<Member> = fc.record({
  task: fc.record({
    shape: fc.constantFrom('an Observable', 'a function', 'a promise that reads its signal'),
    scripts: fc.array(
      fc.record({
        enters: fc.array(
          fc.oneof(
            fc.constant<Act>({ act: 'ready' }),
            fc.record({ act: fc.constant('teardown'), teardown }),
          ),
          { maxLength: 2, size: 'max' },
        ),
        later: fc.array(
          fc.record({
            after: span,
            act: fc.constantFrom<Act>(
              { act: 'fail', fault: 'an Error' },
              { act: 'complete' },
              { act: 'ready' },
            ),
          }),
          { maxLength: 2, size: 'max' },
        ),
        stops: seldom(fc.record({ after: span, act: fc.constantFrom<Act>({ act: 'complete' }) })),
      }),
      { minLength: 1, maxLength: 3, size: 'max' },
    ),
    terms: fc.record({
      restart: fc.constantFrom('on-failure', 'always', 'never'),
      backoff: fc.record({ kind: fc.constant('constant'), delay: span }),
      grace: rarely(fc.constantFrom(10, 50)),
      awaitReady: seldom(fc.constant(true)),
      maxRestarts: seldom(fc.constantFrom(1, 2)),
    }),
  }),
  after: fc.constant<number[]>([]),
  significant: fc.constantFrom(false, false, false, true),
});

const crewTask = toLed(
  'a group',
  fc.record({
    members: fc.array(crewMember, { minLength: 2, maxLength: 4, size: 'max' }),
    strategy: fc.constantFrom('one-for-all', 'rest-for-one'),
  }),
);

const pipeTask = toLed(
  'a supervised pipe',
  fc.record({ source: child.map((drawn) => ({ ...drawn, shape: 'an Observable' as const })) }),
);

const nth = fc.nat(4);

const toCommand = (any: fc.Arbitrary<Task>): fc.Arbitrary<Command> =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant('adopt'), task: any, watched: fc.boolean() }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('execute'), task: any }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('subscribe'), nth }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('unsubscribe'), nth }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('act'), nth, act }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('stop'), nth, by: fc.constantFrom('task', 'name') }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('restart'), nth }) },
    { weight: 1, arbitrary: fc.constant<Command>({ do: 'shutdown' }) },
    { weight: 12, arbitrary: fc.record({ do: fc.constant('advance'), by: advance }) },
    { weight: 1, arbitrary: fc.constant<Command>({ do: 'observe' }) },
    { weight: 1, arbitrary: fc.constant<Command>({ do: 'run' }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('misuse'),
        nth,
        how: fc.constantFrom('duplicate name', 'unknown task', 'payload', 'option'),
      }),
    },
  );

const toMeddler = (command: fc.Arbitrary<Command>): fc.Arbitrary<Meddler> =>
  fc.record({
    sees: fc.constantFrom(
      'start',
      'crash',
      'stopping',
      'restart',
      'exit',
      'ready',
      'up',
      'shutdown',
      'overdue',
    ),
    // Time doesn't pass while an event is delivered.
    then: command.filter((drawn) => drawn.do !== 'advance'),
  });

/** What programs are made of. */
export interface Ingredients {
  /** How many commands at most. */
  readonly length: number;
  /** How many observers that act on what they see. */
  readonly meddlers?: number;
  /** Whether the first task is one that is led by others. */
  readonly first?: 'plain' | 'group' | 'crew' | 'pipe';
}

const FIRST = { plain: task, group: groupTask, crew: crewTask, pipe: pipeTask };

/** Programs that adopt something first; nearly all of them run before that. */
export function toPrograms({
  length,
  meddlers = 0,
  first = 'plain',
}: Ingredients): fc.Arbitrary<Program> {
  const command = toCommand(task);
  return fc
    .record({
      grace: fc.constantFrom(0, 10, 20, 50),
      shutdownTimeout: fc.constantFrom(0, 10, 20, 50, 100),
      meddlers: fc.array(toMeddler(command), { maxLength: meddlers }),
      idle: fc.constantFrom(false, false, false, false, false, false, false, true),
      adopted: fc.record({
        do: fc.constant('adopt' as const),
        task: FIRST[first],
        watched: fc.boolean(),
      }),
      soon: fc.constantFrom(true, true, true, true, false),
      commands: fc.array(command, {
        minLength: Math.floor(length / 3),
        maxLength: length,
        size: 'max',
      }),
    })
    .map(({ idle, adopted, soon, commands, ...others }) => ({
      ...others,
      commands: [
        ...(idle ? [] : [{ do: 'run' as const }]),
        adopted,
        ...(soon ? [{ do: 'advance' as const, by: 0 }] : []),
        ...commands,
      ],
    }));
}
