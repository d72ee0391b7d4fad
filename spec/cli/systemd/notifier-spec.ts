import { describe, expect, it } from '@jest/globals';
import { Notifier } from '../../../src/cli/systemd/notifier.js';

/** A notifier whose calls end when they are told to. */
function setUp() {
  const calls: (readonly string[])[] = [];
  const ends: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  const warnings: string[] = [];
  const notifier = new Notifier(
    (text) => warnings.push(text),
    (args) =>
      new Promise<void>((resolve, reject) => {
        calls.push(args);
        ends.push({ resolve, reject });
      }),
  );
  /** Ends the call that is under way, and waits until all has been drawn from it. */
  const end = async (error?: unknown) => {
    const { resolve, reject } = ends.shift()!;
    if (error === undefined) resolve();
    else reject(error);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  return { notifier, calls, warnings, end };
}

const failure = (fields: object) => Object.assign(new Error('Command failed'), fields);

describe('Notifier', () => {
  it('should call nobody as long as there is nothing to tell', async () => {
    const { notifier, calls } = setUp();
    await notifier.told();

    expect(calls).toEqual([]);
  });

  it('should tell several things in one call, as assignments', () => {
    const { notifier, calls } = setUp();
    notifier.tell({ READY: '1', STATUS: 'a = b, and c' });

    expect(calls).toEqual([['READY=1', 'STATUS=a = b, and c']]);
  });

  it('should not call twice at a time, and tell then what came meanwhile, of each the last', async () => {
    const { notifier, calls, end } = setUp();
    notifier.tell({ STATUS: 'one' });
    notifier.tell({ STATUS: 'two' });
    notifier.tell({ WATCHDOG: '1' });
    notifier.tell({ STATUS: 'three' });
    notifier.tell({ STOPPING: '1' });
    expect(calls).toEqual([['STATUS=one']]);
    await end();
    expect(calls.slice(1)).toEqual([['STATUS=three', 'WATCHDOG=1', 'STOPPING=1']]);
    await end();
    expect(calls).toHaveLength(2);
  });

  it('should not tell READY and STOPPING in one call, of which systemd would see one only', async () => {
    const { notifier, calls, end } = setUp();
    notifier.tell({ STATUS: 'one' });
    notifier.tell({ READY: '1' });
    notifier.tell({ STATUS: 'two' });
    notifier.tell({ STOPPING: '1', STATUS: 'three' });
    notifier.tell({ WATCHDOG: '1' });
    for (let call = 0; call < 3; call++) await end();

    expect(calls).toEqual([
      ['STATUS=one'],
      ['READY=1', 'STATUS=two'],
      ['STOPPING=1', 'STATUS=three', 'WATCHDOG=1'],
    ]);
  });

  it('should call again for what comes after all has been told', async () => {
    const { notifier, calls, end } = setUp();
    notifier.tell({ STATUS: 'one' });
    await end();
    notifier.tell({ STATUS: 'two' });

    expect(calls).toEqual([['STATUS=one'], ['STATUS=two']]);
  });

  it('should say when all has been told, what came meanwhile too', async () => {
    const { notifier, end } = setUp();
    const order: string[] = [];
    notifier.tell({ READY: '1' });
    notifier.tell({ STOPPING: '1' });
    const told = notifier.told().then(() => order.push('told'));
    await end();
    order.push('one call is over');
    await end();
    await told;

    expect(order).toEqual(['one call is over', 'told']);
  });

  it('should warn once of calls that fail, go on, and never reject', async () => {
    const { notifier, calls, warnings, end } = setUp();
    notifier.tell({ READY: '1' });
    await end(failure({ code: 1 }));
    notifier.tell({ WATCHDOG: '1' });
    await end(failure({ code: 1 }));
    notifier.tell({ STOPPING: '1' });
    await end();
    await notifier.told();

    expect(calls).toHaveLength(3);
    expect(warnings).toEqual(['systemd may not have been told: Error: Command failed']);
  });

  it('should give up when there is no systemd-notify, with one warning that names it', async () => {
    const { notifier, calls, warnings, end } = setUp();
    notifier.tell({ READY: '1' });
    notifier.tell({ STATUS: 'one' });
    await end(failure({ code: 'ENOENT' }));
    notifier.tell({ STOPPING: '1' });
    await notifier.told();

    expect(calls).toHaveLength(1);
    expect(warnings).toEqual([expect.stringContaining('no systemd-notify to call; install it')]);
  });

  it('should not warn of a call that a signal has ended, as the stop of all processes does', async () => {
    const { notifier, warnings, end } = setUp();
    notifier.tell({ WATCHDOG: '1' });
    await end(failure({ code: null, signal: 'SIGTERM' }));
    expect(warnings).toEqual([]);
    notifier.tell({ WATCHDOG: '1' });
    await end(failure({ code: 1, signal: null }));
    expect(warnings).toHaveLength(1);
  });

  it('should take a call that throws for one that fails', async () => {
    const warnings: string[] = [];
    const notifier = new Notifier(
      (text) => warnings.push(text),
      () => {
        throw new TypeError('no string without null bytes');
      },
    );
    notifier.tell({ STATUS: '\0' });
    await notifier.told();

    expect(warnings).toEqual([expect.stringContaining('null bytes')]);
  });
});
