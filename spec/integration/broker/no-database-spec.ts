import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  BackendClosedError,
  BackendDownError,
  type LifecycleEvent,
  Runner,
  RunnerStateError,
} from 'rxvisor';
import { BrokerTaskBackend, type BrokerTaskBackendOptions } from 'rxvisor/broker';
import { Proxy } from '../../support/proxy.js';
import { useFleet } from './fleet.js';

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('a broker without a database', () => {
  const fleet = useFleet();
  let runner: Runner;
  let running: Promise<unknown>;
  let told: LifecycleEvent[];
  let backend: BrokerTaskBackend;

  beforeEach(() => {
    runner = new Runner();
    told = [];
    runner.events$.subscribe((event) => told.push(event));
    running = runner.run();
  });

  afterEach(async () => {
    await backend.shutdown();
    await runner.shutdown();
    await running;
  });

  const initialized = (options: BrokerTaskBackendOptions) => {
    backend = new BrokerTaskBackend({ runner, startTimeout: 500, ...options });
    return backend.initialize().then(
      () => 'initialized',
      (error: unknown) => error,
    );
  };
  /** The database, where it isn't. */
  const at = (port: number) => {
    const url = new URL(fleet.url);
    url.port = String(port);
    return url.href;
  };
  const said = () => told.filter(({ type }) => type.startsWith('backend-'));

  it('should tell where it was looked for and what to do, and that once', async () => {
    const port = await unusedPort();
    const error = await initialized({ connectionString: `postgres://me@127.0.0.1:${port}/jobs` });

    expect(error).toBeInstanceOf(BackendDownError);
    expect(error).toMatchObject({
      host: '127.0.0.1',
      port,
      message:
        `no connection to PostgreSQL at 127.0.0.1:${port} (connect ECONNREFUSED 127.0.0.1:${port}): ` +
        'start it there, or give another connectionString',
    });
    expect(said()).toMatchObject([{ type: 'backend-down', backend: 'default', error: { port } }]);
  });

  it('should say at once who is not let in, and to which database', async () => {
    const url = new URL(fleet.url);
    url.pathname = '/nowhere';
    const error = await initialized({ connectionString: url.href, startTimeout: Infinity });

    expect(error).toMatchObject({
      message: expect.stringContaining('(database "nowhere" does not exist): give another'),
      port: Number(url.port),
      isPassing: false,
    });
  });

  it('should be there when it comes, and take jobs then', async () => {
    const late = await unusedPort();
    const opening = initialized({ connectionString: at(late), startTimeout: Infinity });
    await firstValueFrom(runner.events$.pipe(filter(({ type }) => type === 'backend-down')));
    const proxy = await Proxy.open(fleet.url, late);

    await expect(opening).resolves.toBe('initialized');
    await expect(backend.submit({ type: 'mail' })).resolves.toEqual(expect.any(String));
    expect(said().map(({ type }) => type)).toEqual(['backend-down', 'backend-up']);
    await backend.shutdown();
    await proxy.close();
  });

  it('should be asked again, by whoever likes to', async () => {
    const late = await unusedPort();
    await expect(initialized({ connectionString: at(late) })).resolves.toBeInstanceOf(
      BackendDownError,
    );
    await expect(backend.submit({ type: 'mail' })).rejects.toBeInstanceOf(RunnerStateError);
    const proxy = await Proxy.open(fleet.url, late);
    await backend.initialize();

    await expect(backend.submit({ type: 'mail' })).resolves.toEqual(expect.any(String));
    await backend.shutdown();
    await proxy.close();
  });

  it('should not wait for it when it is shut down', async () => {
    const port = await unusedPort();
    const opening = initialized({
      connectionString: `postgres://me@127.0.0.1:${port}/jobs`,
      startTimeout: Infinity,
    });
    await firstValueFrom(runner.events$.pipe(filter(({ type }) => type === 'backend-down')));
    await expect(backend.shutdown()).resolves.toEqual({ unfinished: [] });

    await expect(opening).resolves.toBeInstanceOf(BackendClosedError);
  });
});
