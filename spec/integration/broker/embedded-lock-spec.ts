import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Process, ROOT, endAll } from '../process.js';

const COUNT = 100;
const folder = mkdtempSync(join(tmpdir(), 'rxvisor-locks-'));

afterAll(() => {
  endAll();
  rmSync(folder, { recursive: true });
});

describe('a lock that a dead process has left', () => {
  it('is taken over by one of those who try at once', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    for (let n = 0; n < COUNT; n++) {
      writeFileSync(join(folder, String(n)), JSON.stringify({ pid, token: 'theirs' }));
    }
    const file = join(ROOT, 'spec/fixtures/broker/take-locks.ts');
    const start = String(Date.now() + 3_000);
    const others = [1, 2, 3].map(
      () =>
        new Process(process.execPath, [
          '--import',
          'tsx',
          file,
          folder,
          String(COUNT),
          start,
          '10',
        ]),
    );
    const said = await Promise.all(others.map((other) => other.says(/taken \[.*\]/)));
    const taken = said.flatMap((text) => JSON.parse(text.slice('taken '.length)) as number[]);

    expect(taken.sort((a, b) => a - b)).toEqual(Array.from({ length: COUNT }, (_, n) => n));
    expect(readdirSync(folder)).toHaveLength(COUNT);
  });
});
