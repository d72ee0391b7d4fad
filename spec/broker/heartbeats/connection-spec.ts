import { describe, expect, it } from '@jest/globals';
import { connectionOf } from '../../../src/broker/heartbeats/connection.js';
import { type PgPool, loadPg } from '../../../src/broker/pg-boss.js';

const connection = async (options: object) => connectionOf(new (await loadPg()).Pool(options));

describe('connectionOf', () => {
  it('should be what a pool of node-postgres connects by, what that hides included', async () => {
    const ssl = { ca: 'authority', key: 'secret key' };
    const found = await connection({ host: 'db', user: 'me', password: 'secret', ssl, max: 3 });

    expect(found).toMatchObject({ host: 'db', user: 'me', password: 'secret', ssl });
    expect(found).not.toHaveProperty('max');
  });

  it('should be a connection string as it is', async () => {
    const connectionString = 'postgres://me:secret@db:5432/jobs';

    expect(await connection({ connectionString })).toMatchObject({ connectionString });
  });

  it.each([
    ['a password', { password: () => 'secret' }],
    ['a stream', { stream: () => undefined }],
    ['a check of the server', { ssl: { checkServerIdentity: () => undefined } }],
    ['something to do with each connection', { onConnect: () => undefined }],
  ])('should not be handed over with a function that makes %s', async (_, options) => {
    expect(await connection({ host: 'db', ...options })).toBeUndefined();
  });

  it('should be none of what is no pool of node-postgres', () => {
    expect(connectionOf({ query: () => undefined } as unknown as PgPool)).toBeUndefined();
  });
});
