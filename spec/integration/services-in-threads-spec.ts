import { execFile } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BroadcastChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  CloneError,
  InvalidPayloadError,
  type LifecycleEvent,
  OrphanedValueError,
  OverdueError,
  type Runner,
  RunnerFailedError,
  WorkerCrashError,
} from 'rxvisor';

// Threads take their time on a machine that is busy.
jest.setTimeout(20_000);

const ROOT = join(import.meta.dirname, '../..');

type Maker = new (...args: unknown[]) => object;

type Said = Readonly<Record<string, unknown>>;

/** Those that the fixture exports. */
type Services = Readonly<
  Record<
    | 'Poller'
    | 'Exported'
    | 'Sub'
    | 'Undecorated'
    | 'Outer'
    | 'Flaky'
    | 'Fragile'
    | 'Stubborn'
    | 'Emitting'
    | 'Crunched',
    Maker
  >
>;

interface Fixture extends Services {
  readonly runner: Runner;
  readonly hide: () => object;
  readonly default: Maker;
}

/** The services of the fixture on a runner that runs, and what they say. */
class Stage {
  readonly fixture: Fixture;
  readonly runner: Runner;
  readonly channel: string;
  readonly said: Said[] = [];
  readonly events: LifecycleEvent[] = [];
  readonly end: Promise<unknown>;
  readonly #ear: BroadcastChannel;

  private constructor(fixture: Fixture, channel: string) {
    this.fixture = fixture;
    this.runner = fixture.runner;
    this.channel = channel;
    this.#ear = new BroadcastChannel(channel);
    this.#ear.onmessage = (message) => this.said.push((message as { data: Said }).data);
    this.runner.events$.subscribe((event) => this.events.push(event));
    this.end = this.runner.run().catch((error: unknown) => error);
  }

  /** A module anew each time, with a runner of its own. */
  static async make(): Promise<Stage> {
    const channel = `services ${stages.length}`;
    const url = `../fixtures/services/in-thread.mjs?${stages.length}`;
    const stage = new Stage((await import(url)) as Fixture, channel);
    stages.push(stage);
    return stage;
  }

  /** Resolves when so much has been said. */
  async hears(messages: number): Promise<Said[]> {
    while (this.said.length < messages) await once(this.#ear as never, 'message');
    return this.said;
  }

  /** Resolves when something has been told of a task. */
  async tells(event: string): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = () => this.told().includes(event) && resolve();
      this.runner.events$.subscribe(look);
      look();
    });
  }

  told(): string[] {
    return this.events.flatMap((event) =>
      'task' in event ? [`${event.type} ${event.task} ${event.attempt}`] : [],
    );
  }

  async failure(): Promise<{ task: string; error: unknown }> {
    const error = await this.end;
    expect(error).toBeInstanceOf(RunnerFailedError);
    return (error as RunnerFailedError).failures[0]!;
  }

  async leave(): Promise<void> {
    await this.runner.shutdown();
    this.#ear.close();
  }
}

const stages: Stage[] = [];

afterEach(async () => {
  await Promise.all(stages.map((stage) => stage.leave()));
});

describe('a service of the flavour thread', () => {
  it('is constructed with the same arguments in the thread, and runs there', async () => {
    const stage = await Stage.make();
    new stage.fixture.Poller(stage.channel, { deep: [1] });
    const said = { deep: [1] };

    expect(await stage.hears(3)).toEqual([
      { constructed: 'main', said },
      { constructed: 'thread', said },
      expect.objectContaining({ ran: 'thread', name: 'Poller', attempt: 1, said }),
    ]);
    await stage.leave();
    expect(stage.told()).toEqual(['start Poller 1', 'stopping Poller 1', 'exit Poller 1']);
  });

  it('has a thread to itself, as every adopted task has, and a number if it is not the first', async () => {
    const stage = await Stage.make();
    const { Poller, Sub } = stage.fixture;
    for (const Class of [Poller, Poller, Sub]) new Class(stage.channel);
    const ran = (await stage.hears(9)).filter(({ ran }) => ran);

    expect(ran.map(({ name }) => name).sort()).toEqual(['Poller', 'Poller#2', 'sub']);
    expect(new Set(ran.map(({ threadId }) => threadId)).size).toBe(3);
  });

  it('is found by the name of its export, or by its own if it has one', async () => {
    const stage = await Stage.make();
    const { Poller, Exported } = stage.fixture;
    for (const Class of [Poller, Exported, stage.fixture.default]) new Class(stage.channel);
    const ran = (await stage.hears(9)).filter(({ ran }) => ran);

    expect(ran.map(({ name }) => name).sort()).toEqual(['Poller', 'Renamed', 'task']);
  });

  it('adopts nobody in the thread: neither itself, nor what it makes there', async () => {
    const stage = await Stage.make();
    new stage.fixture.Outer(stage.channel);

    expect(await stage.hears(2)).toEqual([
      { constructed: 'thread', said: 'inner' },
      { where: 'thread', tasks: 0, state: 'idle' },
    ]);
    await stage.tells('exit Outer 1');
    expect(stage.told()).toEqual(['start Outer 1', 'exit Outer 1']);
  });

  it('is constructed anew for each attempt', async () => {
    const stage = await Stage.make();
    new stage.fixture.Flaky();
    await stage.tells('exit Flaky 3');

    expect(stage.events.flatMap((event) => (event.type === 'crash' ? [event.error] : []))).toEqual([
      expect.objectContaining({ message: 'run 1 of this one' }),
      expect.objectContaining({ message: 'run 1 of this one' }),
    ]);
  });

  it('crashes with what its constructor throws there, and is restarted as its policy says', async () => {
    const stage = await Stage.make();
    const counter = new Int32Array(new SharedArrayBuffer(4));
    new stage.fixture.Fragile(stage.channel, counter);

    expect(await stage.hears(1)).toEqual([{ attempt: 3 }]);
    const crashes = stage.events.flatMap((event) => (event.type === 'crash' ? [event.error] : []));
    expect(crashes).toEqual([
      expect.objectContaining({ name: 'RangeError', message: 'not yet' }),
      expect.objectContaining({ name: 'RangeError', message: 'not yet' }),
    ]);
  });

  it('is terminated when it does not end', async () => {
    const stage = await Stage.make();
    new stage.fixture.Stubborn(stage.channel);
    await stage.hears(1);
    void stage.runner.stop('Stubborn');
    await stage.runner.shutdown();

    expect((await stage.failure()).error).toBeInstanceOf(OverdueError);
  });

  it('fails with a value, which nobody is there to take', async () => {
    const stage = await Stage.make();
    new stage.fixture.Emitting();

    expect(await stage.failure()).toEqual({
      task: 'Emitting',
      error: expect.objectContaining({ code: 'ERR_RXVISOR_ORPHANED_VALUE', value: 42 }),
    });
    expect((await stage.failure()).error).toBeInstanceOf(OrphanedValueError);
  });

  it('fails by name with an argument that cannot be cloned', async () => {
    const stage = await Stage.make();
    new stage.fixture.Flaky('this can', () => 'this not');
    const { task, error } = await stage.failure();

    expect(task).toBe('Flaky');
    expect(error).toBeInstanceOf(CloneError);
    expect((error as Error).message).toContain('task "Flaky" can\'t pass argument 2');
  });

  it('fails by name when its module does not export it as it was decorated', async () => {
    const stage = await Stage.make();
    stage.fixture.hide();
    const { task, error } = await stage.failure();

    expect(task).toBe('Hidden');
    expect(error).toBeInstanceOf(WorkerCrashError);
    expect(error).toMatchObject({
      reason: 'no-export',
      cause: { message: expect.stringMatching(/exports no service "Hidden": export the class/) },
    });
  });

  it('is not constructed when it is of a subclass that nobody would find there', async () => {
    const stage = await Stage.make();
    const { Undecorated } = stage.fixture;

    expect(() => new Undecorated(stage.channel)).toThrow(InvalidPayloadError);
    expect(() => new Undecorated(stage.channel)).toThrow(
      /^class "Undecorated" is below a service in a thread.*decorate it too/,
    );
    await stage.leave();
    expect([stage.said, stage.told()]).toEqual([[], []]);
  });

  it('runs on threads that are made apart, under their name', async () => {
    const stage = await Stage.make();
    new stage.fixture.Crunched(stage.channel);
    await stage.hears(3);

    expect(stage.said).toContainEqual(expect.objectContaining({ ran: 'thread', name: 'Crunched' }));
    expect(stage.runner.tasks()).toMatchObject([{ name: 'Crunched', flavour: 'crunch' }]);
  });

  it('fails at once when its module runs the runtime, and says so', async () => {
    const url = new URL('../fixtures/services/runs-itself.mjs', import.meta.url);
    const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(url)]);

    expect(JSON.parse(stdout)).toEqual([
      'WorkerCrashError',
      'load',
      'RunnerStateError',
      expect.stringMatching(/^the runtime doesn't run in a thread/),
    ]);
  });

  it('runs from TypeScript with decorators, be it an ES module or CommonJS', async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'rxvisor-typescript-')));
    const modules = join(folder, 'node_modules');
    mkdirSync(modules);
    for (const name of ['rxjs', 'tsx']) {
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name), 'dir');
    }
    symlinkSync(ROOT, join(modules, 'rxvisor'), 'dir');
    cpSync(join(ROOT, 'spec/fixtures/services/typescript'), folder, { recursive: true });
    try {
      for (const type of ['module', 'commonjs']) {
        writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }));
        const options = { cwd: folder, timeout: 60_000 };
        const args = ['--import', 'tsx', 'main.ts'];
        const { stdout } = await promisify(execFile)(process.execPath, args, options);
        expect([type, stdout]).toEqual([type, 'ran in a thread: 7\n']);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 90_000);
});
