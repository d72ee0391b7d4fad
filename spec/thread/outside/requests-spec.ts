import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { threaded } from '../../../src/task/threaded.js';
import { transfer } from '../../../src/task/transfer.js';
import { type ThreadedPayload, prepareCall } from '../../../src/task/threaded-payload.js';
import { decodeError } from '../../../src/thread/error-codec.js';
import { Assignment } from '../../../src/thread/outside/assignment.js';
import { type Refusal, Requests } from '../../../src/thread/outside/requests.js';
import { isBatch } from '../../../src/thread/outbox.js';
import { CANCEL, CREDIT, DEFINE, ENTER, type ToThread } from '../../../src/thread/protocol.js';
import { endOfTick, tell, toConsumer, work } from './support.js';

describe('Requests', () => {
  let posted: ToThread[][];
  let lists: unknown[];
  let refused: jest.Mock<Refusal>;
  let requests: Requests;
  let id: number;

  beforeEach(() => {
    posted = [];
    lists = [];
    refused = jest.fn<Refusal>();
    id = 0;
    requests = new Requests((said, list) => {
      const copy = structuredClone(said, { transfer: [...list] as never });
      posted.push(isBatch(copy) ? [...copy] : [copy]);
      lists.push(...list);
    }, refused);
  });

  const workplace = {
    credit: () => undefined,
    cancel: () => undefined,
    takeBack: () => false,
    terminate: () => undefined,
  };
  const assign = (payload: ThreadedPayload) => {
    const assignment = new Assignment(toConsumer(payload).entry, payload);
    id++;
    assignment.placed(workplace, id, id + 100);
    return assignment;
  };

  it('should ask at the end of the tick, in one message', async () => {
    requests.enter(assign(work.run('a', 2)));
    requests.enter(assign(work.run()));
    expect(posted).toEqual([]);
    await endOfTick();

    expect(posted).toEqual([
      [
        [DEFINE, 0, 'file:///app/work.js', 'run', 4, 'error'],
        [ENTER, 1, 101, 0, ['a', 2], 'web', 1],
        [ENTER, 2, 102, 0, [], 'web', 1],
      ],
    ]);
  });

  it('should ask at once when it’s told to', () => {
    requests.enter(assign(work.run()));
    requests.flush();

    expect(posted).toHaveLength(1);
  });

  it('should define an export once, and others by themselves', () => {
    requests.enter(assign(work.run()));
    requests.enter(assign(work.other()));
    requests.enter(assign(work.run()));
    requests.flush();
    requests.enter(assign(work.other()));
    requests.flush();

    expect(tell(posted.flat())).toEqual([
      'define 0',
      'enter 1',
      'define 1',
      'enter 2',
      'enter 3',
      'enter 4',
    ]);
    expect(
      posted
        .flat()
        .filter(([kind]) => kind === ENTER)
        .map((each) => each[3]),
    ).toEqual([0, 1, 0, 1]);
  });

  it('should tell apart the same export with another window, or policy', () => {
    const again = (options: object) =>
      threaded<{ run: () => void }>('file:///app/work.js', options).run();
    for (const options of [
      {},
      { window: 2 },
      { window: 2, overflow: 'drop-newest' },
      { window: 2 },
    ]) {
      requests.enter(assign(again(options)));
    }
    requests.flush();

    expect(posted.flat().flatMap(([kind, target]) => (kind === DEFINE ? [target] : []))).toEqual([
      0, 1, 2,
    ]);
  });

  it('should tell a service’s class from a function of the same name', () => {
    const target = { module: 'file:///app/work.js', export: 'run', name: 'web', window: 4 };
    const common = { ...target, overflow: 'error' } as const;
    for (const each of [common, { ...common, isService: true }, { ...common, isService: true }]) {
      requests.enter(assign(prepareCall(each, [], () => undefined)));
    }
    requests.flush();

    expect(posted.flat().filter(([kind]) => kind === DEFINE)).toEqual([
      [DEFINE, 0, 'file:///app/work.js', 'run', 4, 'error'],
      [DEFINE, 1, 'file:///app/work.js', 'run', 4, 'error', true],
    ]);
  });

  it('should give credit, and cancel with the reason', () => {
    const assignment = assign(work.run());
    requests.credit(assignment, 5);
    requests.cancel(assignment, { type: 'stop', message: 'enough' });
    requests.flush();
    const [credit, cancel] = posted.flat();

    expect(credit).toEqual([CREDIT, 1, 5]);
    expect(cancel?.slice(0, 2)).toEqual([CANCEL, 1]);
    expect(decodeError(cancel?.[2] as never)).toEqual({ type: 'stop', message: 'enough' });
  });

  it('should cancel though the reason can’t be cloned', () => {
    requests.cancel(assign(work.run()), { type: 'stop', cause: () => 'a function' });
    requests.flush();

    expect(tell(posted.flat())).toEqual(['cancel 1']);
  });

  it('should close at once, after what has been asked', () => {
    requests.enter(assign(work.run()));
    requests.close();

    expect(tell(posted.flat())).toEqual(['define 0', 'enter 1', 'close']);
  });

  describe('with arguments that are moved', () => {
    it('should move them, at once, and keep the others', () => {
      const bytes = new ArrayBuffer(8);
      requests.enter(assign(work.run('first')));
      requests.enter(assign(work.run(1, transfer(bytes, [bytes]))));

      expect(posted.flat().at(-1)).toEqual([ENTER, 2, 102, 0, [1, new ArrayBuffer(8)], 'web', 1]);
      expect(bytes.byteLength).toBe(0);
      expect(lists).toEqual([bytes]);
      expect(tell(posted.flat())).toEqual(['define 0', 'enter 1', 'enter 2']);
    });

    it('should refuse to move them a second time: they would arrive empty', () => {
      const bytes = new ArrayBuffer(8);
      const payload = work.run(transfer(bytes, [bytes]));
      requests.enter(assign(payload));
      requests.enter(assign(payload));
      requests.flush();

      expect(tell(posted.flat())).toEqual(['define 0', 'enter 1']);
      expect(refused.mock.calls).toEqual([[2, expect.stringContaining('moved')]]);
    });
  });

  describe('with an argument that can’t be cloned', () => {
    it.each<[string, unknown[]]>([
      ['argument 1', [() => 1]],
      ['argument 3', [1, 'b', () => 3, () => 4]],
      ['argument 2', [1, { deep: [Symbol('s')] }]],
    ])('should say which it is: %s', (what, args) => {
      requests.enter(assign(work.run(...args)));
      requests.flush();

      expect(refused.mock.calls).toEqual([
        [1, what, expect.objectContaining({ name: 'DataCloneError' })],
      ]);
    });

    it('should ask for the others', () => {
      requests.enter(assign(work.run(1)));
      requests.enter(assign(work.run(() => 2)));
      requests.enter(assign(work.run(3)));
      requests.flush();

      expect(tell(posted.flat())).toEqual(['define 0', 'enter 1', 'enter 3']);
      expect(refused).toHaveBeenCalledTimes(1);
    });

    it('should define an export though the first that runs it is refused', () => {
      requests.enter(assign(work.run(() => 1)));
      requests.flush();
      requests.enter(assign(work.run(2)));
      requests.flush();

      expect(tell(posted.flat())).toEqual(['define 0', 'enter 2']);
    });
  });
});
