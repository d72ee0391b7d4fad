import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { MAIN, ROOT, Process, endAll } from '../process.js';

const FIXTURES = join(ROOT, 'spec/fixtures/cli-pid-1');
const folder = mkdtempSync(join(tmpdir(), 'rxvisor-pid-1-'));

/** What makes a world of processes of its own; whoever isn't root has to become it there. */
const UNSHARE = [
  ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']),
  ...['--pid', '--fork', '--kill-child', '--mount-proc'],
];

/** Where the system refuses such a world, the command is an ordinary process with the same manners. */
const isWorldRefused = spawnSync('unshare', [...UNSHARE, 'true']).status !== 0;
const WHO = isWorldRefused ? 'I am ' : 'I am 1';
if (isWorldRefused) console.warn('no PID namespace is to be had here: nobody is process 1');

/** The command in a world of its own, or as it is. */
const start = (fixture: string, env: Record<string, string> = {}) => {
  const command = [process.execPath, MAIN, 'run', join(FIXTURES, fixture)];
  const [program = '', ...args] = isWorldRefused ? command : ['unshare', ...UNSHARE, ...command];
  return new Process(program, args, { env });
};

afterEach(endAll);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Starts the command as process 1, and finds out which process that is from outside. */
async function asProcessOne(fixture: string, env: Record<string, string> = {}) {
  const world = start(fixture, env);
  await world.says(/▲ runner +up/);
  const children = isWorldRefused
    ? String(world.pid)
    : readFileSync(`/proc/${world.pid}/task/${world.pid}/children`, 'utf8');
  const pid = Number(children.trim());
  const signal = (name: NodeJS.Signals) => process.kill(pid, name);
  return { world, signal };
}

describe('as process 1, the command', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'hears %s, which the kernel keeps from a process 1 that does not listen, and stops gracefully',
    async (name) => {
      const { world, signal } = await asProcessOne('steady.mjs');
      await world.says(WHO);
      await world.says('steady\n');
      signal(name);
      await world.says('torn down, zombies: none\n');
      expect(await world.ends()).toBe(0);
    },
  );

  it('ends at once at a second signal', async () => {
    const { world, signal } = await asProcessOne('hangs.mjs');
    await world.says('running\n');
    signal('SIGTERM');
    await world.says('shutting down');
    signal('SIGINT');
    expect(await world.ends()).toBe(130);
  });

  it('ends by itself when all is done', async () => {
    const world = start('done.mjs');
    expect(await world.ends()).toBe(0);
    await world.says(WHO);
    await world.says('and done\n');
  });

  it('leaves no zombie of what it has called itself', async () => {
    const notes = join(folder, 'notes');
    const script = `#!/bin/sh\necho "$@" >> ${notes}\n`;
    writeFileSync(join(folder, 'systemd-notify'), script, { mode: 0o755 });
    const { world, signal } = await asProcessOne('steady.mjs', {
      PATH: `${folder}:${process.env.PATH}`,
      NOTIFY_SOCKET: 'any',
      WATCHDOG_USEC: '40000',
    });
    await world.says('steady\n');
    // It's called again and again, so that none of these calls has to be the last to be seen.
    for await (const { filename } of watch(folder)) {
      if (filename !== 'notes') continue;
      if (readFileSync(notes, 'utf8').split('WATCHDOG=1').length > 5) break;
    }
    signal('SIGTERM');
    await world.says('torn down, zombies: none\n');
    expect(await world.ends()).toBe(0);
    expect(readFileSync(notes, 'utf8')).toContain('STOPPING=1');
  });

  // Elsewhere they're somebody else's.
  if (!isWorldRefused) {
    it('cannot take notice of the orphans of others: that is for an init (docker run --init)', async () => {
      const { world, signal } = await asProcessOne('steady.mjs', { ORPHAN: 'yes' });
      await world.says('orphaned\n');
      signal('SIGTERM');
      await world.says('torn down, zombies: true\n');
      expect(await world.ends()).toBe(0);
    });
  }
});
