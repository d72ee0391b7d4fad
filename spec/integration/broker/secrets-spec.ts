import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type LifecycleEvent, Runner } from 'rxvisor';
import { BrokerTaskBackend, type BrokerTaskBackendOptions } from 'rxvisor/broker';
import { type OwnPostgres, startOwnPostgres } from '../../support/postgres.js';
import { connect, openPool, until } from './fleet.js';

jest.setTimeout(60_000);
const warnings = jest.spyOn(process, 'emitWarning').mockReturnValue();

const CHILD = join(import.meta.dirname, '../../fixtures/broker/secrets.mjs');

/** In a password that looks different in a URL; what is looked for looks the same. */
const SECRET = 's3cr3t';
const PASSWORD = `${SECRET}/%`;

let postgres: OwnPostgres;

beforeAll(async () => {
  postgres = await startOwnPostgres({ password: PASSWORD });
});

afterAll(() => postgres.stop());

afterEach(() => {
  warnings.mockClear();
});

/** All that can be seen of something. */
const seen = (what: unknown): string =>
  [
    inspect(what, { showHidden: true, depth: Infinity, getters: true }),
    ...[JSON.stringify(what), String(what), String((what as Error | undefined)?.stack)],
  ].join('\n');

/** The lines of a text that give it away. */
const leaksOf = (text: string): string[] =>
  text.split('\n').filter((line) => line.includes(SECRET));

/** Ways to connect that fail, given the one that doesn't. */
const BAD: Readonly<Record<string, (good: string) => string>> = {
  'a port where nobody is': () => `postgres://me:${SECRET}@127.0.0.1:1/jobs`,
  'a host that does not exist': () => `postgres://me:${SECRET}@nowhere.invalid/jobs`,
  'a socket that does not exist': () => `postgres://me:${SECRET}@%2Fnowhere/jobs`,
  'a wrong password': (good) => good.replace(SECRET, `wrong-${SECRET}`),
  'a user who does not exist': (good) => good.replace('//postgres:', '//nobody:'),
  'a database that does not exist': (good) => good.replace(/postgres$/, 'nowhere'),
  'a server without TLS': (good) => `${good}?sslmode=require`,
  'a certificate that does not exist': (good) => `${good}?sslrootcert=/nowhere`,
  'a port that is none': () => `postgres://me:${SECRET}@127.0.0.1:notaport/`,
  'a port that is too high': () => `postgres://me:${SECRET}@127.0.0.1:123456/`,
  'a password with a slash in it': () => `postgres://me:a/${SECRET}@127.0.0.1/jobs`,
  'a password with a percent sign in it': () => `postgres://me:${SECRET}%zz@127.0.0.1:1/jobs`,
  'no URL': () => `not a url with ${SECRET}`,
  'words and values': () => `host=127.0.0.1 port=1 user=me password=${SECRET}`,
};

describe('a password in a connection string', () => {
  it.each(Object.keys(BAD))('is nowhere in what is told of %s', async (title) => {
    const runner = new Runner();
    const events: LifecycleEvent[] = [];
    runner.events$.subscribe((event) => events.push(event));
    const running = runner.run();
    const connectionString = BAD[title]!(postgres.url);
    const attempt = async (options: BrokerTaskBackendOptions) => {
      try {
        const backend = new BrokerTaskBackend({ connectionString, startTimeout: 300, ...options });
        await backend.initialize().finally(() => backend.shutdown());
        return undefined;
      } catch (error) {
        return error;
      }
    };
    const errors = [await attempt({ runner }), await attempt({})];
    await runner.shutdown();
    await running;

    expect(connectionString).toContain(SECRET);
    for (const error of errors) {
      expect(error).toMatchObject({
        code: expect.stringMatching(/^ERR_RXVISOR_(BACKEND_DOWN|INVALID_OPTION)$/),
      });
    }
    expect(leaksOf(seen([errors, events, warnings.mock.calls]))).toEqual([]);
  });

  it.each(['a port where nobody is', 'a wrong password', 'a database that does not exist'])(
    'is nowhere in what is told of a pool that leads to %s',
    async (title) => {
      const pool = openPool(BAD[title]!(postgres.url));
      const backend = new BrokerTaskBackend({ pool, startTimeout: 300 });
      const error: unknown = await backend.initialize().catch((reason: unknown) => reason);
      await backend.shutdown();
      await pool.end();

      expect(error).toMatchObject({ code: 'ERR_RXVISOR_BACKEND_DOWN' });
      expect(leaksOf(seen([error, warnings.mock.calls]))).toEqual([]);
    },
  );

  it.each<[title: string, options: (url: string) => unknown]>([
    ['instead of the options', (url) => url],
    ['under a name that is misspelt', (conectionString) => ({ conectionString })],
    ['under another name', (url) => ({ url })],
    ['in an object', (url) => ({ connectionString: { url } })],
    ['as a URL', (url) => ({ connectionString: new URL(url) })],
    ['as a pool', (pool) => ({ pool })],
    ['as a schema', (schema) => ({ schema })],
    ['as a queue', (queue) => ({ queue })],
    ['as a runner', (runner) => ({ runner })],
    ['as a folder', (dataDir) => ({ dataDir })],
    ['beside a folder', (connectionString) => ({ connectionString, dataDir: 'memory://' })],
  ])('is nowhere in the refusal when it’s given %s', (_, options) => {
    let error: unknown;
    try {
      void new BrokerTaskBackend(options(postgres.url) as BrokerTaskBackendOptions);
    } catch (reason) {
      error = reason;
    }

    expect(error).toMatchObject({ code: 'ERR_RXVISOR_INVALID_OPTION' });
    expect(leaksOf(seen(error))).toEqual([]);
  });

  it('is nowhere in what a process writes, with all that debug says, whatever fails', async () => {
    const bad = Object.values(BAD).map((toBad) => toBad(postgres.url));
    const child = fork(CHILD, [JSON.stringify({ bad, good: postgres.url })], {
      env: { ...process.env, DEBUG: 'rxvisor*,pg*', DEBUG_SHOW_HIDDEN: 'true', DEBUG_DEPTH: '20' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text: Buffer) => (said += String(text)));
    }
    const closed = once(child, 'close');
    const failed = closed.then(() => {
      throw new Error(`it has ended: ${said}`);
    });
    failed.catch(() => undefined);
    const answer = () => Promise.race([once(child, 'message'), failed]);
    await answer();
    const client = await connect(postgres.url);
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rxvisor'`,
    );
    await client.end();
    await until(() => said.includes("type: 'backend-up'"));
    await postgres.down();
    // What runs is said to be done every 3 s, by a thread.
    await until(() => said.includes('a heartbeat is lost'));
    const refused = answer();
    child.send('submit');
    await refused;
    await postgres.start();
    await until(() => said.split("type: 'backend-up'").length > 2);
    const submitted = answer();
    child.send('submit');
    await submitted;
    child.send('stop');
    const [code] = (await closed) as [number];

    expect(code).toBe(1);
    for (const text of [
      'backend-down',
      'RXVISOR_JOB_FAILED',
      'BackendDownError',
      'boom',
      'rxvisor:broker',
    ]) {
      expect(said).toContain(text);
    }
    expect(leaksOf(said)).toEqual([]);
  });
});
