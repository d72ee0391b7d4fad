import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT, Process, endAll, start } from '../process.js';

const FIXTURES = join(ROOT, 'spec/fixtures/cli-systemd');
const folder = mkdtempSync(join(tmpdir(), 'rxvisor-systemd-'));
const RECEIVER = join(folder, 'receive');
let PATH = process.env.PATH!;

beforeAll(() => {
  execFileSync('gcc', ['-O', '-Wall', '-o', RECEIVER, join(FIXTURES, 'receive.c')]);
  PATH = withSystemdNotify(PATH);
}, 120_000);

afterEach(endAll);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const hasSystemdNotify = (path: string) =>
  spawnSync('systemd-notify', ['--version'], { env: { PATH: path } }).status === 0;

/** The real one is wanted: where there is none it's installed, or unpacked beside. */
function withSystemdNotify(path: string): string {
  if (hasSystemdNotify(path)) return path;
  const apt = (...args: string[]) =>
    spawnSync('apt-get', args, { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  apt('update');
  if (process.getuid?.() === 0) apt('install', '-y', '--no-install-recommends', 'systemd');
  if (hasSystemdNotify(path)) return path;
  const { stdout, stderr } = apt('download', 'systemd', 'libsystemd-shared');
  const beside = join(folder, 'systemd');
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb'))) {
    execFileSync('dpkg', ['-x', file, beside], { cwd: folder });
  }
  const files = existsSync(beside)
    ? readdirSync(beside, { recursive: true, encoding: 'utf8' })
    : [];
  const command = join(beside, files.find((name) => name.endsWith('bin/systemd-notify')) ?? '');
  const library = join(beside, files.find((name) => name.includes('/libsystemd-shared-')) ?? '');
  mkdirSync(beside, { recursive: true });
  const script = `#!/bin/sh\nLD_LIBRARY_PATH='${dirname(library)}' exec '${command}' "$@"\n`;
  writeFileSync(join(beside, 'systemd-notify'), script, { mode: 0o755 });
  const unpacked = `${path}:${beside}`;
  if (hasSystemdNotify(unpacked)) return unpacked;
  throw new Error(`this needs systemd-notify, which can't be installed: ${stdout}${stderr}`);
}

let sockets = 0;

/** What stands in for systemd, at a path or (with `@`) an abstract address. */
async function listen(kind: 'path' | 'abstract' = 'path') {
  const name = `${process.pid}-${++sockets}`;
  const address = kind === 'path' ? join(folder, name) : `@rxvisor-spec-${name}`;
  const receiver = new Process(RECEIVER, [address]);
  await receiver.says('bound');
  const told = () =>
    receiver.output
      .split('\n')
      .slice(1, -1)
      .map((line) => line.split('|').slice(1, -1));
  const end = async () => {
    receiver.signal('SIGKILL');
    await receiver.ends();
  };
  return { address, receiver, told, end };
}

const run = (fixture: string, env: Record<string, string>, ...options: string[]) =>
  start(['run', ...options, join(FIXTURES, fixture)], { env: { PATH, ...env } });

describe('under systemd, the command', () => {
  it.each(['path', 'abstract'] as const)(
    'says READY when every task is ready and not before, and STOPPING before the stop is over: %s socket',
    async (kind) => {
      const { address, receiver, told, end } = await listen(kind);
      // The watchdog is the clock here: while it was told thrice, READY could have been.
      const daemon = run('in-stages.mjs', { NOTIFY_SOCKET: address, WATCHDOG_USEC: '100000' });
      await daemon.says('waiting to be ready');
      await receiver.says('|STATUS=');
      for (let times = 0; times < 3; times++) await receiver.says('|WATCHDOG=1|');
      expect(told().flat()).not.toContain('READY=1');

      daemon.signal('SIGUSR2');
      await receiver.says('|READY=1|');
      daemon.signal('SIGTERM');
      await daemon.says('tearing down');
      await receiver.says('|STOPPING=1|');
      daemon.signal('SIGUSR2');
      expect(await daemon.ends()).toBe(0);

      const all = told().flat();
      expect(all.filter((each) => each === 'READY=1' || each === 'STOPPING=1')).toEqual([
        'READY=1',
        'STOPPING=1',
      ]);
      const status = all.filter((each) => each.startsWith('STATUS='));
      expect(status[0]).toMatch(/^STATUS=3 running$/);
      expect(status.at(-1)).toMatch(/^STATUS=shutting down · /);
      await end();
    },
  );

  it('says STATUS as it changes, at most once a second', async () => {
    const { address, receiver, told, end } = await listen();
    const daemon = run('in-stages.mjs', { NOTIFY_SOCKET: address });
    await receiver.says('|STATUS=3 running|');
    daemon.signal('SIGUSR2');
    await daemon.says(/late +ready/);
    daemon.signal('SIGTERM');
    await receiver.says('|STATUS=shutting down');
    await daemon.says('tearing down');
    daemon.signal('SIGUSR2');
    expect(await daemon.ends()).toBe(0);

    // Up, two starts, ready, shutdown, two times stopping and exit: nine events within a moment.
    const count = told()
      .flat()
      .filter((each) => each.startsWith('STATUS=')).length;
    expect(count).toBeLessThan(5);
    await end();
  });

  it('says WATCHDOG at half of the interval that is asked for', async () => {
    const { address, receiver, end } = await listen();
    const daemon = run('never-ready.mjs', { NOTIFY_SOCKET: address, WATCHDOG_USEC: '600000' });
    const times: number[] = [];
    for (let count = 0; count < 5; count++) {
      const line = await receiver.says(/\d+\|WATCHDOG=1\|/);
      times.push(Number(line.split('|')[0]));
    }
    daemon.signal('SIGTERM');
    expect(await daemon.ends()).toBe(0);

    const mean = (times.at(-1)! - times[0]!) / (times.length - 1);
    expect(mean).toBeGreaterThan(30);
    expect(mean).toBeLessThan(3_000);
    await end();
  });

  it('says no WATCHDOG when another process is the one that is watched', async () => {
    const { address, receiver, told, end } = await listen();
    const env = { NOTIFY_SOCKET: address, WATCHDOG_USEC: '20000', WATCHDOG_PID: '1' };
    const daemon = run('in-stages.mjs', env);
    await daemon.says('waiting to be ready');
    daemon.signal('SIGUSR2');
    await receiver.says('|READY=1|');
    daemon.signal('SIGTERM');
    await receiver.says('|STOPPING=1|');
    daemon.signal('SIGUSR2');
    expect(await daemon.ends()).toBe(0);
    expect(told().flat()).not.toContain('WATCHDOG=1');
    await end();
  });

  it('never says READY when a task fails before, but STOPPING', async () => {
    const { address, told, end } = await listen();
    const daemon = run('fails.mjs', { NOTIFY_SOCKET: address });
    expect(await daemon.ends()).toBe(1);
    expect(told().flat()).toContain('STOPPING=1');
    expect(told().flat()).not.toContain('READY=1');
    await end();
  });

  it('says READY, then STOPPING, when all is done at once: that is no failed start', async () => {
    const { address, told, end } = await listen();
    const daemon = run('done.mjs', { NOTIFY_SOCKET: address });
    expect(await daemon.ends()).toBe(0);
    const messages = told().map((each) => each[0]);
    expect(messages).toContain('READY=1');
    expect(messages.indexOf('STOPPING=1')).toBeGreaterThan(messages.indexOf('READY=1'));
    await end();
  });

  it('is never READY when it is stopped before its tasks are', async () => {
    const { address, receiver, told, end } = await listen();
    const daemon = run('never-ready.mjs', { NOTIFY_SOCKET: address });
    await receiver.says('|STATUS=1 running|');
    daemon.signal('SIGTERM');
    expect(await daemon.ends()).toBe(0);
    expect(told().flat()).toContain('STOPPING=1');
    expect(told().flat()).not.toContain('READY=1');
    await end();
  });

  it('warns once when nobody listens at the socket, and runs all the same', async () => {
    const daemon = run('never-ready.mjs', {
      NOTIFY_SOCKET: join(folder, 'nobody'),
      WATCHDOG_USEC: '20000',
    });
    await daemon.says('systemd may not have been told');
    daemon.signal('SIGTERM');
    expect(await daemon.ends()).toBe(0);
    expect(daemon.output.match(/systemd may not have been told/g)).toHaveLength(1);
  });

  it('warns once when there is no systemd-notify, and runs all the same', async () => {
    const daemon = run('never-ready.mjs', {
      NOTIFY_SOCKET: join(folder, 'nobody'),
      WATCHDOG_USEC: '20000',
      PATH: folder,
    });
    await daemon.says('there is no systemd-notify to call');
    daemon.signal('SIGTERM');
    expect(await daemon.ends()).toBe(0);
    expect(daemon.output.match(/systemd is told nothing/g)).toHaveLength(1);
  });

  it('says nothing but JSON when that is asked for, the warning too', async () => {
    const env = { NOTIFY_SOCKET: join(folder, 'nobody'), PATH: folder };
    const daemon = run('never-ready.mjs', env, '--log', 'json');
    await daemon.says('systemd is told nothing');
    daemon.signal('SIGTERM');
    expect(await daemon.ends()).toBe(0);
    const lines = daemon.output.trimEnd().split('\n');
    expect(lines.map((line) => typeof (JSON.parse(line) as unknown))).toEqual(
      lines.map(() => 'object'),
    );
  });

  it('calls systemd-notify only where there is a NOTIFY_SOCKET', async () => {
    const notes = join(folder, 'notes');
    const script = `#!/bin/sh\necho "$@" >> ${notes}\n`;
    writeFileSync(join(folder, 'systemd-notify'), script, { mode: 0o755 });
    const env = { PATH: `${folder}:${PATH}`, WATCHDOG_USEC: '20000' };
    const daemon = run('in-stages.mjs', env);
    await daemon.says('waiting to be ready');
    daemon.signal('SIGUSR2');
    await daemon.says(/late +ready/);
    daemon.signal('SIGTERM');
    await daemon.says('tearing down');
    daemon.signal('SIGUSR2');
    expect(await daemon.ends()).toBe(0);
    expect(existsSync(notes)).toBe(false);

    const control = run('fails.mjs', { ...env, NOTIFY_SOCKET: 'any' });
    await control.ends();
    expect(readFileSync(notes, 'utf8')).toContain('STOPPING=1');
    rmSync(join(folder, 'systemd-notify'));
  });

  it('is not kept from ending by a systemd-notify that hangs', async () => {
    const bin = mkdtempSync(join(folder, 'bin-'));
    const script = `#!/bin/sh\necho $$ > ${bin}/pid\nexec sleep 60 > /dev/null 2>&1\n`;
    writeFileSync(join(bin, 'systemd-notify'), script, { mode: 0o755 });
    const daemon = run('fails.mjs', { NOTIFY_SOCKET: 'any', PATH: `${bin}:${PATH}` });
    expect(await daemon.ends()).toBe(1);
    // It hangs still; to end a process that is no more would throw.
    process.kill(Number(readFileSync(join(bin, 'pid'), 'utf8')), 'SIGKILL');
  });
});
