import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { BrokerTaskBackend } from 'rxvisor/broker';
import { Process, ROOT, endAll } from '../process.js';

jest.setTimeout(90_000);

const COUNT = 150;

const folder = mkdtempSync(join(tmpdir(), 'rxvisor-embedded-'));
const dataDir = join(folder, 'state/jobs');
const list = join(folder, 'list');
let other: Process;
let opened: { opening: number; stall: number };

beforeAll(async () => {
  const file = join(ROOT, 'spec/fixtures/broker/embedded.mjs');
  other = new Process(process.execPath, [file, dataDir, String(COUNT), list]);
  const said = await other.says(/open \{.*\}/);
  opened = JSON.parse(said.slice('open '.length)) as typeof opened;
});

afterAll(() => {
  endAll();
  rmSync(folder, { recursive: true });
});

describe('an embedded database', () => {
  it('is made on a thread of its own: the main one goes on meanwhile', () => {
    expect(opened.opening).toBeLessThan(60_000);
    // On the main thread it takes from 1.6 to 3.1 s.
    expect(opened.stall).toBeLessThan(1_000);
  });

  it('is for one process, and for one backend in it', async () => {
    const inside = await other.says(/refused: .*/);
    const backend = new BrokerTaskBackend({ dataDir });
    const outside = (await backend.initialize().catch((error: unknown) => error)) as Error;
    await backend.shutdown();

    expect(inside).toContain(`this process (${other.pid}) has it open already`);
    expect(outside).toMatchObject({ code: 'ERR_RXVISOR_INVALID_OPTION', option: 'dataDir' });
    expect(outside.message).toContain(dataDir);
    expect(outside.message).toContain(`process ${other.pid} has it open`);
    expect(outside.message).toContain('connectionString');
  });

  it('keeps what it has taken, though its process is killed: the next one does the rest', async () => {
    await other.says('submitted');
    await other.says('half-way');
    other.signal('SIGKILL');
    await other.ends();
    const before = readFileSync(list, 'utf8').trim().split('\n').map(Number);
    const after: unknown[] = [];
    const backend = new BrokerTaskBackend({ dataDir });
    backend.setExecutor(({ n }) => void after.push(n));
    await backend.initialize();
    await backend.submit({ type: 'count', n: COUNT });
    const all = () => new Set([...before, ...after]);
    while (all().size <= COUNT) await new Promise((resolve) => setTimeout(resolve, 10));
    await backend.shutdown();

    expect(before.length).toBeLessThan(COUNT);
    // No more than what was under way is done twice, and all of it before what came later.
    expect(before.length + after.length).toBeLessThanOrEqual(COUNT + 6);
    expect(after.at(-1)).toBe(COUNT);
    expect(existsSync(`${dataDir}.lock`)).toBe(false);
  });
});
