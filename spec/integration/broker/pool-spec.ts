import { type EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createRequire } from 'node:module';
import { describe, expect, it, jest } from '@jest/globals';
import { BackendClosedError, BackendDownError } from 'rxvisor';
import { BrokerTaskBackend, type BrokerTaskBackendOptions } from 'rxvisor/broker';
import { until, useFleet } from './fleet.js';

jest.spyOn(process, 'emitWarning').mockReturnValue();

type Pool = NonNullable<BrokerTaskBackendOptions['pool']> & EventEmitter;

const require = createRequire(createRequire(import.meta.url).resolve('pg-boss'));
const pg = require('pg') as { Pool: new (options: object) => Pool };

describe('a broker with a pool that it is given', () => {
  const fleet = useFleet();
  const toPool = (options: object = {}) => new pg.Pool({ connectionString: fleet.url, ...options });

  it('leaves nothing there', async () => {
    const pool = toPool();
    for (let n = 0; n < 3; n++) await (await fleet.open({ pool })).shutdown();
    const refused = toPool({ connectionString: undefined, host: '127.0.0.1', port: 1 });
    const backend = new BrokerTaskBackend({ pool: refused, startTimeout: 500 });
    await expect(backend.initialize()).rejects.toBeInstanceOf(BackendDownError);

    expect(pool.listenerCount('error')).toBe(0);
    expect(refused.listenerCount('error')).toBe(0);
    await Promise.all([pool.end(), refused.end()]);
  });

  it('refuses one with no place for what it does besides listening', async () => {
    const pool = toPool({ max: 1 });

    expect(() => new BrokerTaskBackend({ pool })).toThrow('option "pool" is');
    expect(() => new BrokerTaskBackend({ pool })).toThrow('give one of 2 or more connections');
    await pool.end();
  });

  it('says what is the matter when its owner has ended it, and what it could not settle', async () => {
    const pool = toPool();
    const backend = await fleet.open({ pool, queue: 'ended' });
    let end!: () => void;
    let hasBegun = false;
    backend.setExecutor(() => {
      hasBegun = true;
      return new Promise<void>((resolve) => (end = resolve));
    });
    await backend.submit({ type: 'mail' });
    await until(() => hasBegun);
    void pool.end();
    const error: unknown = await backend
      .submit({ type: 'mail' })
      .catch((reason: unknown) => reason);
    end();

    expect(error).toBeInstanceOf(BackendDownError);
    expect(error).toMatchObject({ isPassing: false });
    await expect(backend.shutdown()).resolves.toEqual({ unfinished: [{ type: 'mail' }] });
  });
});

describe('a broker that begins on a network that is silent', () => {
  it('shuts down at once', async () => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const backend = new BrokerTaskBackend({
      connectionString: `postgres://me@127.0.0.1:${port}/jobs`,
      startTimeout: Infinity,
    });
    const opening = backend.initialize();
    await once(server, 'connection');
    await backend.shutdown();

    await expect(opening).rejects.toBeInstanceOf(BackendClosedError);
    server.close();
  });
});
