import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import { BackendDownError, type Job, type LifecycleEvent, Runner } from 'rxvisor';
import { BrokerTaskBackend, type BrokerTaskBackendOptions } from 'rxvisor/broker';
import { type OwnPostgres, startOwnPostgres } from '../../support/postgres.js';
import { Proxy } from '../../support/proxy.js';
import { type Client, connect, openPool, until, useFleet } from './fleet.js';
import { within } from './within.js';

jest.setTimeout(60_000);
jest.spyOn(process, 'emitWarning').mockReturnValue();

const OUTAGES = join(import.meta.dirname, '../../fixtures/broker/outages.mjs');

/** How long it takes at the most, in ms, on a busy machine too, until all is well again: the poll is every 500 ms. */
const SECONDS = 10_000;

let postgres: OwnPostgres;
const proxies: Proxy[] = [];

// Before the backends of a spec that has failed are shut down.
afterEach(async () => {
  await postgres.start();
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});

const fleet = useFleet(async () => (postgres = await startOwnPostgres()));
let runners: { runner: Runner; running: Promise<unknown> }[] = [];
let queues = 0;

/** A runner, and what it tells of backends. */
function openRunner() {
  const runner = new Runner();
  const told: LifecycleEvent[] = [];
  runner.events$.subscribe((event) => {
    if (event.type === 'backend-down' || event.type === 'backend-up') told.push(event);
  });
  runners.push({ runner, running: runner.run() });
  return { runner, told, types: () => told.map(({ type }) => type) };
}

/** One that only submits and one that does, each with a runner. */
async function openTwo(options: Partial<BrokerTaskBackendOptions> = {}) {
  const queue = `queue-${queues++}`;
  const [near, far] = [openRunner(), openRunner()];
  return {
    queue,
    near: { ...near, backend: await fleet.open({ queue, runner: near.runner }) },
    far: { ...far, backend: await fleet.open({ queue, runner: far.runner, ...options }) },
  };
}

/** Its jobs are begun, and end when they're told to. */
class Stage {
  readonly begun: unknown[] = [];
  readonly #ends = new Map<unknown, (error?: Error) => void>();

  constructor(backend: BrokerTaskBackend) {
    backend.setExecutor(({ name, isShort }, { attempt, signal }) => {
      this.begun.push(`${String(name)} ${attempt}`);
      if (isShort) return;
      return new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => {
          resolve();
        });
        this.#ends.set(name, (error) => {
          if (error) reject(error);
          else resolve();
        });
      });
    });
  }

  end(name: string, error?: Error): void {
    this.#ends.get(name)!(error);
  }

  hasBegun(...names: readonly string[]): Promise<void> {
    return until(() => names.every((name) => this.begun.includes(name)), SECONDS);
  }
}

async function ask(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = await connect(postgres.url);
  const { rows } = await client.query(text, values);
  await client.end();
  return rows;
}

const stateOf = async (id: string) =>
  (await ask('SELECT state::text FROM rxvisor.job WHERE id = $1', [id]))[0]?.state;

/** Ends all connections but its own. Resolves when they're gone. */
const terminateAll = () =>
  ask(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
       WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`);

const job = (name: string, more: object = {}): Job => ({ type: 'job', name, ...more });
const short = (name: string) => job(name, { isShort: true });

/** As whoever has to have it submitted would do it. */
async function submitAtLast(backend: BrokerTaskBackend, given: Job): Promise<string> {
  const start = Date.now();
  for (;;) {
    try {
      return await backend.submit(given);
    } catch (error) {
      expect(error).toBeInstanceOf(BackendDownError);
      if (Date.now() - start > SECONDS) throw error;
      await sleep(50);
    }
  }
}

beforeEach(() => {
  runners = [];
});

afterEach(async () => {
  await Promise.all(runners.map(({ runner }) => runner.shutdown()));
  await Promise.all(runners.map(({ running }) => running));
});

describe('a broker whose connections are all lost', () => {
  it('does what is submitted afterwards within seconds, and settles once what ran', async () => {
    const { near, far } = await openTwo();
    const stage = new Stage(far.backend);
    const long = await near.backend.submit(job('long'));
    await stage.hasBegun('long 1');
    await terminateAll();
    await submitAtLast(near.backend, short('next'));
    await stage.hasBegun('next 1');
    stage.end('long');
    await until(async () => (await stateOf(long)) === 'completed', SECONDS);
    await until(() => near.backend.inflight === 0, SECONDS);

    expect(stage.begun).toEqual(['long 1', 'next 1']);
  });

  describe.each([
    ['as it asks for something', false],
    ['as it’s answered', true],
  ])('%s', (_, isLate) => {
    /** Through a proxy that breaks the next two connections over which this is said. */
    async function openTwoThatLose(text: string) {
      const proxy = await Proxy.open(postgres.url);
      proxies.push(proxy);
      const two = await openTwo({ connectionString: proxy.url });
      const lose = () => Object.assign(proxy.ending, { text, times: 2, isLate });
      const hasLost = () => until(() => proxy.ending.times === 0, SECONDS);
      return { ...two, stage: new Stage(two.far.backend), lose, hasLost };
    }

    it('settles once what was done', async () => {
      const { near, stage, lose, hasLost } = await openTwoThatLose("SET state = 'completed'");
      const id = await near.backend.submit(job('long'));
      await stage.hasBegun('long 1');
      lose();
      stage.end('long');
      await until(async () => (await stateOf(id)) === 'completed', SECONDS);
      if (!isLate) await hasLost();
      await until(() => near.backend.inflight === 0, SECONDS);

      expect(stage.begun).toEqual(['long 1']);
    });

    it('fails once what has failed', async () => {
      const { near, stage, lose, hasLost } = await openTwoThatLose('deleted_jobs');
      await near.backend.submit(job('long'), { backoff: () => 0 });
      await stage.hasBegun('long 1');
      lose();
      stage.end('long', new Error('boom'));
      await hasLost();
      await stage.hasBegun('long 2');
      stage.end('long');
      await until(() => near.backend.inflight === 0, SECONDS);

      expect(stage.begun).toEqual(['long 1', 'long 2']);
    });

    it('takes once what is submitted', async () => {
      const { far, queue, stage, lose, hasLost } = await openTwoThatLose('json_to_recordset');
      lose();
      const first = await far.backend.submit(short('first')).catch((error: unknown) => error);
      await submitAtLast(far.backend, short('next'));
      await hasLost();
      await stage.hasBegun('next 1');
      await until(() => far.backend.inflight === 0, SECONDS);
      const rows = await ask(
        `SELECT data->'job'->>'name' AS name FROM rxvisor.job WHERE name = $1 ORDER BY 1`,
        [queue],
      );

      // It's tried twice: after that nobody knows.
      expect(first).toBeInstanceOf(BackendDownError);
      expect(rows.map(({ name }) => name)).toEqual(isLate ? ['first', 'next'] : ['next']);
      expect(stage.begun.sort()).toEqual(isLate ? ['first 1', 'next 1'] : ['next 1']);
    });
  });
});

describe('a broker with a pool of somebody else’s', () => {
  it('goes on when all connections of that are lost, and leaves it as it is', async () => {
    const pool = openPool(postgres.url);
    const { near, far } = await openTwo({ pool });
    const stage = new Stage(far.backend);
    await near.backend.submit(job('long'));
    await stage.hasBegun('long 1');
    await terminateAll();
    stage.end('long');
    await submitAtLast(near.backend, short('next'));
    await stage.hasBegun('next 1');
    await until(() => near.backend.inflight === 0, SECONDS);
    await far.backend.shutdown();

    expect(await pool.query({ text: 'SELECT 1 AS one', values: [] })).toMatchObject({
      rows: [{ one: 1 }],
    });
    expect(stage.begun).toEqual(['long 1', 'next 1']);
    await pool.end();
  });
});

describe('a broker that begins while connections are lost', () => {
  it('has another try, for as long as it may', async () => {
    for (let n = 0; n < 5; n++) {
      const opening = fleet.open({ queue: `queue-${queues++}`, startTimeout: SECONDS });
      const isOpen = opening.then(() => true);
      for (const start = Date.now(); Date.now() - start < 500;) {
        await terminateAll();
        if (await Promise.race([isOpen, sleep(10, false)])) break;
      }
      const backend = await opening;
      const stage = new Stage(backend);
      await submitAtLast(backend, short('first'));
      await stage.hasBegun('first 1');
    }
  });

  it('waits for a database that comes in time', async () => {
    await postgres.down();
    const opening = fleet.open({ queue: `queue-${queues++}`, startTimeout: SECONDS });
    await Promise.all([opening, sleep(2_500).then(() => postgres.start())]);
  });

  it('waits for one that does not come for as long as it may', async () => {
    await postgres.down();
    const start = performance.now();
    const opening = fleet.open({ queue: `queue-${queues++}`, startTimeout: 2_000 });

    await expect(opening).rejects.toBeInstanceOf(BackendDownError);
    expect(performance.now() - start).toBeGreaterThan(1_900);
  });
});

describe('a broker whose database is restarted', () => {
  it.each(['immediate', 'fast'] as const)(
    'settles what ran when that is back, does it no second time, and does what is due then: %s',
    async (how) => {
      const { near, far } = await openTwo();
      const stage = new Stage(far.backend);
      const submit = (given: Job, options = {}) => near.backend.submit(given, options);
      const ids = [
        await submit(job('ends meanwhile')),
        await submit(job('fails meanwhile'), { backoff: () => 0, maxRestarts: 5 }),
        await submit(job('fails for good meanwhile')),
        await submit(job('ends afterwards')),
        await submit(short('is due meanwhile'), { delay: 1_000 }),
        await submit(short('is due afterwards'), { delay: 4_000 }),
      ];
      await stage.hasBegun(
        ...[
          'fails for good meanwhile 1',
          'fails meanwhile 1',
          'ends afterwards 1',
          'ends meanwhile 1',
        ],
      );
      await postgres.down(how);
      stage.end('ends meanwhile');
      stage.end('fails meanwhile', new Error('boom'));
      stage.end('fails for good meanwhile', new Error('boom'));
      await sleep(1_500);
      await postgres.start();
      await stage.hasBegun('fails meanwhile 2', 'is due meanwhile 1', 'is due afterwards 1');
      stage.end('fails meanwhile');
      stage.end('ends afterwards');
      await until(() => near.backend.inflight === 0, SECONDS);

      expect([...stage.begun].sort()).toEqual([
        ...['ends afterwards 1', 'ends meanwhile 1', 'fails for good meanwhile 1'],
        ...['fails meanwhile 1', 'fails meanwhile 2', 'is due afterwards 1', 'is due meanwhile 1'],
      ]);
      expect(await Promise.all(ids.map(stateOf))).toEqual([
        ...['completed', 'completed', 'failed', 'completed', 'completed', 'completed'],
      ]);
      expect(await near.backend.deadLetters()).toMatchObject([{ jobId: ids[2], attempts: 1 }]);
    },
  );

  it('tells of each outage once, and of its end, and whose it was', async () => {
    const { near, far, queue } = await openTwo();
    new Stage(far.backend);
    await postgres.restart({ for: 1_000 });
    await until(() => [near, far].every(({ types }) => types().length >= 2), SECONDS);
    await submitAtLast(near.backend, short('first'));
    await postgres.restart({ how: 'fast', for: 1_000 });
    await until(() => [near, far].every(({ types }) => types().length >= 4), SECONDS);
    await submitAtLast(near.backend, short('second'));
    await until(() => near.backend.inflight === 0, SECONDS);

    for (const { told, types } of [near, far]) {
      expect(types()).toEqual(['backend-down', 'backend-up', 'backend-down', 'backend-up']);
      for (const event of told) expect(event).toMatchObject({ backend: queue });
      expect(told[0]).toMatchObject({
        error: { code: 'ERR_RXVISOR_BACKEND_DOWN', host: '127.0.0.1', port: postgres.port },
      });
    }
  });

  it('refuses jobs meanwhile, and says where the database was looked for', async () => {
    const { near, far } = await openTwo();
    const stage = new Stage(far.backend);
    await postgres.down();
    const error: unknown = await near.backend
      .submit(short('refused'))
      .catch((reason: unknown) => reason);
    await postgres.start();
    await submitAtLast(near.backend, short('accepted'));
    await stage.hasBegun('accepted 1');

    expect(error).toBeInstanceOf(BackendDownError);
    expect(error).toMatchObject({
      message: expect.stringContaining(`127.0.0.1:${postgres.port}`),
      host: '127.0.0.1',
      port: postgres.port,
    });
    expect(stage.begun).toEqual(['accepted 1']);
  });
});

describe('a job that is executed for somebody elsewhere', () => {
  it.each<[title: string, outage: () => Promise<unknown>]>([
    ['connections are lost', () => terminateAll()],
    ['the database is restarted', () => postgres.restart({ for: 1_000 })],
  ])('has all its values told, in order, and its end, though %s', async (_, outage) => {
    const { near, far } = await openTwo();
    far.backend.setExecutor(async function* () {
      for (let n = 0; n < 100; n++) {
        yield n;
        await sleep(20);
      }
      throw new RangeError('enough');
    });
    const values: unknown[] = [];
    const end = new Promise<unknown>((resolve) => {
      near.backend.execute(job('counts')).subscribe({
        next: (value) => void values.push(value),
        error: resolve,
      });
    });
    await until(() => values.length > 10, SECONDS);
    await outage();

    expect(await within(SECONDS, end)).toMatchObject({ name: 'RangeError', message: 'enough' });
    expect(values).toEqual(Array.from({ length: 100 }, (__, n) => n));
  });
});

describe('a job that was given away since nobody heard of its machine', () => {
  it.each([
    ['is done', undefined],
    ['fails', new Error('boom')],
  ])('is settled by the one that has it, whenever the other one %s', async (_, error) => {
    // Its only place is taken, so it's the other one that has it then.
    const { near, far, queue } = await openTwo({ concurrency: 1 });
    const late = new Stage(far.backend);
    const id = await near.backend.submit(job('shared'), { backoff: () => 0 });
    await late.hasBegun('shared 1');
    const heir = new Stage(await fleet.open({ queue }));
    await until(async () => {
      await ask(
        `UPDATE rxvisor.job SET heartbeat_on = now() - interval '1 minute'
         WHERE id = $1 AND state = 'active' AND retry_count = 0`,
        [id],
      );
      return heir.begun.length > 0;
    }, SECONDS);
    late.end('shared', error);
    const other = await near.backend.submit(short('other'));
    await until(async () => (await stateOf(other)) === 'completed', SECONDS);
    const meanwhile = await ask('SELECT state::text, retry_count FROM rxvisor.job WHERE id = $1', [
      id,
    ]);
    heir.end('shared');
    await until(() => near.backend.inflight === 0, SECONDS);

    expect(meanwhile).toEqual([{ state: 'active', retry_count: 1 }]);
    expect(await stateOf(id)).toBe('completed');
    expect([...late.begun, ...heir.begun].filter((each) => each !== 'other 1')).toEqual([
      ...['shared 1', 'shared 2'],
    ]);
    expect(await near.backend.deadLetters()).toEqual([]);
  });
});

describe('a broker that shuts down while there is no database', () => {
  const SOON = { shutdownTimeout: 500 };

  it('ends soon if nothing is to be done', async () => {
    const { far } = await openTwo(SOON);
    new Stage(far.backend);
    await postgres.down();

    expect(await within(SECONDS, far.backend.shutdown())).toEqual({ unfinished: [] });
  });

  it('ends in time if something runs, and says what, which is done elsewhere later', async () => {
    const { near, far, queue } = await openTwo(SOON);
    const stage = new Stage(far.backend);
    await near.backend.submit(job('long'));
    await stage.hasBegun('long 1');
    await postgres.down();
    const drained = await within(SECONDS, far.backend.shutdown());
    await postgres.start();
    await fleet.query(`UPDATE rxvisor.job SET heartbeat_on = now() - interval '1 minute'`);
    const heir = new Stage(await fleet.open({ queue }));
    await until(() => heir.begun.length > 0, SECONDS);

    expect(drained).toEqual({ unfinished: [job('long')] });
    expect(heir.begun).toEqual(['long 2']);
  });

  it('ends in time if something was done and isn’t settled', async () => {
    const { near, far } = await openTwo(SOON);
    const stage = new Stage(far.backend);
    await near.backend.submit(job('long'));
    await stage.hasBegun('long 1');
    await postgres.down();
    stage.end('long');

    await within(SECONDS, far.backend.shutdown());
  });

  it('settles what was done, and gives back what was not, if the database is back in time', async () => {
    const { near, far } = await openTwo({ shutdownTimeout: 3_000 });
    const stage = new Stage(far.backend);
    const done = await near.backend.submit(job('done'));
    const long = await near.backend.submit(job('long'));
    await stage.hasBegun('done 1', 'long 1');
    await postgres.down();
    stage.end('done');
    const drained = far.backend.shutdown();
    await postgres.start();
    await drained;

    expect(await drained).toEqual({ unfinished: [job('long')] });
    expect(await stateOf(done)).toBe('completed');
    expect(await stateOf(long)).toBe('created');
  });
});

describe('a broker whose network is silent', () => {
  async function openThroughProxy() {
    const proxy = await Proxy.open(postgres.url);
    proxies.push(proxy);
    const two = await openTwo({ connectionString: proxy.url, shutdownTimeout: 500 });
    return { ...two, proxy, stage: new Stage(two.far.backend) };
  }

  it('does what is submitted within seconds though nobody wakes it, and listens again', async () => {
    const { near, proxy, stage } = await openThroughProxy();
    await submitAtLast(near.backend, short('before'));
    await stage.hasBegun('before 1');
    const listeners = proxy.having('LISTEN "');
    proxy.silence(listeners);
    await near.backend.submit(short('after'));
    await stage.hasBegun('after 1');
    await until(() => proxy.having('LISTEN "').some((link) => !listeners.includes(link)), SECONDS);

    expect(listeners).toHaveLength(1);
    expect(stage.begun).toEqual(['before 1', 'after 1']);
  });

  it('does what is submitted within seconds though all its connections are, and settles once what ran', async () => {
    const { near, proxy, stage } = await openThroughProxy();
    const long = await near.backend.submit(job('long'));
    await stage.hasBegun('long 1');
    proxy.silence();
    stage.end('long');
    await near.backend.submit(short('after'));
    await until(() => stage.begun.includes('after 1'), 2 * SECONDS);
    await until(async () => (await stateOf(long)) === 'completed', 2 * SECONDS);

    expect(stage.begun).toEqual(['long 1', 'after 1']);
  });

  it('shuts down all the same', async () => {
    const { near, far, proxy, stage } = await openThroughProxy();
    await near.backend.submit(job('long'));
    await stage.hasBegun('long 1');
    proxy.isSilent = true;
    proxy.silence();

    expect(await within(4 * SECONDS, far.backend.shutdown())).toEqual({
      unfinished: [job('long')],
    });
  });
});

describe('a broker whose database takes no more connections', () => {
  let crowded: OwnPostgres;
  const crowd: Client[] = [];

  beforeAll(async () => {
    const settings = { max_connections: 12, superuser_reserved_connections: 0 };
    crowded = await startOwnPostgres({ settings });
  });

  afterAll(() => crowded.stop());

  /** Takes all the connections that are left. */
  async function fill() {
    for (;;) {
      try {
        crowd.push(await connect(crowded.url));
      } catch (error) {
        expect(error).toMatchObject({ code: '53300' });
        return;
      }
    }
  }

  const disperse = () => Promise.all(crowd.splice(0).map((client) => client.end()));

  it('says so, when there’s none in time', async () => {
    await fill();
    const { runner, types } = openRunner();
    const backend = new BrokerTaskBackend({
      connectionString: crowded.url,
      runner,
      startTimeout: 300,
    });
    const error: unknown = await backend.initialize().catch((reason: unknown) => reason);
    await backend.shutdown();
    await disperse();

    expect(error).toBeInstanceOf(BackendDownError);
    expect(error).toMatchObject({ message: expect.stringContaining('too many clients') });
    expect(types()).toEqual(['backend-down']);
  });

  it('begins when there’s room, and goes on when there’s some again', async () => {
    await fill();
    const { runner, types } = openRunner();
    const opening = fleet.open({ connectionString: crowded.url, runner, startTimeout: Infinity });
    await until(() => types().includes('backend-down'), SECONDS);
    await disperse();
    const backend = await opening;
    const stage = new Stage(backend);
    await submitAtLast(backend, short('first'));
    await stage.hasBegun('first 1');

    await submitAtLast(backend, job('long'));
    await stage.hasBegun('long 1');
    const client = await connect(crowded.url);
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rxvisor'`,
    );
    await client.end();
    await fill();
    stage.end('long');
    await sleep(1_000);
    await disperse();
    await submitAtLast(backend, short('last'));
    await stage.hasBegun('last 1');
    await until(() => backend.inflight === 0 && types().at(-1) === 'backend-up', SECONDS);

    expect(stage.begun).toEqual(['first 1', 'long 1', 'last 1']);
    types().forEach((type, index) => {
      expect(type).toBe(index % 2 === 0 ? 'backend-down' : 'backend-up');
    });
  });
});

describe('a process with a broker', () => {
  interface Report {
    readonly done: number;
    readonly uncaught: readonly string[];
    readonly refusals: readonly string[];
  }

  /** One that does as it's told, and reports. */
  function openChild(hasRunner: boolean, connectionString = postgres.url) {
    const options = { connectionString, queue: `queue-${queues++}`, shutdownTimeout: 500 };
    const child = fork(OUTAGES, [JSON.stringify({ ...options, hasRunner })], {
      execArgv: ['--no-warnings'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    children.push(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text: Buffer) => (said += String(text)));
    }
    const closed = once(child, 'close').then(([code, signal]: unknown[]) => ({
      code,
      signal,
      said,
    }));
    const reported = async () => {
      const message = once(child, 'message').then(([report]) => report as Report);
      const gone = closed.then((how) => {
        throw new Error(`it has ended: ${JSON.stringify(how)}`);
      });
      return Promise.race([message, gone]);
    };
    const tell = (order: string) => {
      const report = reported();
      child.send(order);
      return report;
    };
    return { child, closed, reported, tell };
  }

  const children: ChildProcess[] = [];

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  it.each([true, false])(
    'never has an error that nobody catches, in an outage while it’s idle, works, submits, and shuts down (with a runner: %p)',
    async (hasRunner) => {
      const { child, closed, reported, tell } = openChild(hasRunner);
      await reported();
      const works = async () => {
        const { done } = await tell('busy');
        await until(async () => (await tell('report')).done > done + 10, SECONDS);
      };

      await postgres.restart({ for: 700 });
      await works();
      await postgres.restart({ how: 'fast', for: 700 });
      await works();
      for (let n = 0; n < 5; n++) await terminateAll().then(() => sleep(50));
      await works();
      const { refusals, uncaught } = await tell('idle');
      await tell('busy');
      await postgres.down();
      child.send('stop');

      expect(await within(SECONDS, closed)).toEqual({ code: 0, signal: null, said: '' });
      expect(uncaught).toEqual([]);
      expect(refusals).toEqual(['ERR_RXVISOR_BACKEND_DOWN']);
    },
  );

  it('ends, though its listener was lost before it listened', async () => {
    const proxy = await Proxy.open(postgres.url);
    proxies.push(proxy);
    Object.assign(proxy.ending, { text: 'LISTEN "', times: 2 });
    const { child, closed, reported } = openChild(true, proxy.url);
    await reported();
    child.send('stop');

    expect(await within(SECONDS, closed)).toEqual({ code: 0, signal: null, said: '' });
    expect(proxy.ending.times).toBe(0);
  });
});
