import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { EmbeddedDatabase } from '../../../src/broker/embedded/embedded-database.js';
import { Heartbeats } from '../../../src/broker/heartbeats/heartbeats.js';
import type { Claimed } from '../../../src/broker/jobs/stored-job.js';
import { Process, ROOT, endAll } from '../process.js';

jest.setTimeout(60_000);

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'rxvisor-database-')));
let database: EmbeddedDatabase;

beforeAll(async () => {
  database = await EmbeddedDatabase.open(join(folder, 'jobs'));
});

afterAll(async () => {
  await database.close();
  endAll();
  rmSync(folder, { recursive: true });
});

describe('EmbeddedDatabase', () => {
  it('should execute a statement with values, or any number of them, and give their rows', async () => {
    const values = [['a', 'b'], { n: [1] }, null];
    const one = await database.executeSql('SELECT $1::text[] AS l, $2::jsonb AS j, $3::int AS n', [
      ...values,
    ]);
    const many = await database.executeSql(`CREATE TABLE t (n int); SELECT 1 AS n; SELECT 2 AS n`);

    expect(JSON.parse(JSON.stringify(one.rows))).toEqual([
      { l: ['a', 'b'], j: { n: [1] }, n: null },
    ]);
    expect(many.rows.map(({ n }) => n)).toEqual([1, 2]);
  });

  it('should give an error with its code, and no statement the transaction of a failed one', async () => {
    const failed = database.executeSql('BEGIN; SELECT 1 / 0; COMMIT');
    const next = database.executeSql('SELECT 1 AS n');

    await expect(failed).rejects.toMatchObject({ code: '22012', message: 'division by zero' });
    expect((await next).rows).toMatchObject([{ n: 1 }]);
  });

  it('should refuse a value that cannot cross', async () => {
    await expect(database.executeSql('SELECT $1', [() => 1])).rejects.toThrow(
      'could not be cloned',
    );
  });

  it('should hear what is said on the channels that it listens to, until it no longer does', async () => {
    const heard: string[][] = [];
    const never = () => undefined;
    const listening = await database.listen(['a', 'b'], {
      heard: (...said) => heard.push(said),
      missed: never,
      lost: never,
    });
    const say = (channel: string, text: string) =>
      database.executeSql('SELECT pg_notify($1, $2)', [channel, text]);
    await say('a', '1');
    await say('c', '2');
    await say('b', '3');
    listening.close();
    await say('a', '4');

    expect(heard).toEqual([
      ['a', '1'],
      ['b', '3'],
    ]);
  });

  it('should have heartbeats while the main thread is busy, of the claims that are held, until they are stopped', async () => {
    await database.executeSql('CREATE TABLE beats (queue text, id uuid, retry_count int)');
    const text = 'INSERT INTO beats SELECT $1, unnest($2::uuid[]), unnest($3::int[])';
    const heartbeats = new Heartbeats(() => database.beat({ text, queue: 'mail' }));
    const [held, released] = [0, 1].map((retryCount) => ({ id: randomUUID(), retryCount }));
    heartbeats.hold(held as Claimed);
    heartbeats.hold(released as Claimed);
    heartbeats.release(released as Claimed);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5_500);
    await heartbeats.stop();
    const { rows } = await database.executeSql('SELECT DISTINCT * FROM beats');

    expect(rows).toMatchObject([{ queue: 'mail', id: held!.id, retry_count: 0 }]);
  });

  it('should open again when its thread has died, with what was kept, and tell who listens', async () => {
    const told: string[] = [];
    let missed!: () => void;
    const isBack = new Promise<void>((resolve) => (missed = resolve));
    await database.listen(['d'], {
      heard: (_, text) => told.push(text),
      missed: () => {
        told.push('missed');
        missed();
      },
      lost: () => told.push('lost'),
    });
    await database.executeSql('CREATE TABLE kept AS SELECT 7 AS n');
    const running = database.executeSql('SELECT pg_sleep(30)');
    database.terminate();

    await expect(running).rejects.toThrow('has died, and is opened again');

    await isBack;
    await database.executeSql(`SELECT pg_notify('d', 'heard')`);

    expect((await database.executeSql('SELECT n FROM kept')).rows).toMatchObject([{ n: 7 }]);
    expect(told).toEqual(['lost', 'missed', 'heard']);
  });

  it('should say which package is to be installed, and leave no lock', async () => {
    const modules = join(folder, 'node_modules');
    mkdirSync(join(modules, 'rxvisor'), { recursive: true });
    for (const name of ['dist', 'package.json']) {
      cpSync(join(ROOT, name), join(modules, 'rxvisor', name), { recursive: true });
    }
    for (const name of ['rxjs', 'rxjs-for-await', 'debug', 'pg-boss']) {
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
    }
    const code = `const { BrokerTaskBackend } = await import('rxvisor/broker');
      const backend = new BrokerTaskBackend({ dataDir: 'other' });
      await backend.initialize().catch(({ name, message }) => console.log(name, message));
      console.log(await backend.shutdown(), fs.existsSync('other.lock'));`;
    const other = new Process(process.execPath, ['--input-type=module', '-e', code], {
      cwd: folder,
    });

    expect(await other.ends()).toBe(0);
    expect(other.output).toContain('MissingPackageError package "@electric-sql/pglite" is needed');
    expect(other.output).toContain('npm install @electric-sql/pglite');
    expect(other.output).toContain('{ unfinished: [] } false');
  });
});
