import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fleet } from './broker/fleet.js';
import { Process, ROOT, endAll } from './process.js';

jest.setTimeout(90_000);

const MAIN = join(ROOT, 'demo/fleet/main.ts');
const JOBS = '96';

describe('the fleet demo', () => {
  const fleet = new Fleet();
  /** Where it makes what is temporary. */
  let folder: string;

  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    new Process(process.execPath, ['--import', 'tsx', ...args], {
      env: { DATABASE_URL: '', TMPDIR: folder, ...env },
    });
  /** What the table at the end says of something. */
  const row = ({ stdout }: Process, name: string) =>
    new RegExp(`^  ${name} +(\\d+)(?: +(\\d+))?`, 'm').exec(stdout)?.slice(1).map(Number);
  const workersOf = ({ stdout }: Process) =>
    [...new Set([...stdout.matchAll(/ pid (\d+)/g)].map(([, pid]) => Number(pid)))].filter(lives);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rxvisor-fleet-spec-'));
    chmodSync(folder, 0o755);
  });

  afterEach(() => {
    endAll();
    for (const pid of processesIn(folder)) process.kill(pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('has each job done once, though a worker is killed, and leaves nothing', async () => {
    const demo = start([MAIN, '--jobs', JOBS]);
    const code = await demo.ends();

    expect({ code, stderr: demo.stderr, stdout: demo.stdout }).toMatchObject({
      code: 0,
      stderr: '',
    });
    const [first, second, third] = [1, 2, 3].map((n) => row(demo, `worker-${n}`)!);
    expect(first![0]! + second![0]! + third![0]!).toBe(96);
    expect(second![1]).toBe(4);
    expect(demo.stdout).toMatch(/^ {2}worker-2 .* killed by SIGKILL$/m);
    expect(row(demo, 'done')![0]).toBe(96);
    expect(row(demo, 'taken over')![0]).toBe(4);
    expect(row(demo, 'done twice')![0]).toBe(0);
    expect(row(demo, 'failed')![0]).toBe(0);
    expect(demo.stdout).not.toContain('\u001b');
    expect(readdirSync(folder).filter((name) => name.startsWith('rxvisor-'))).toEqual([]);
    expect(processesIn(folder)).toEqual([]);
    expect(workersOf(demo)).toEqual([]);
  });

  it.each([
    ['once', 1, /worker-3 .* 4 running/],
    ['once, while its workers start', 1, /worker-3 +started/],
    ['twice, so that there is no time for anything', 2, /worker-3 .* 4 running/],
  ])('leaves nothing when it is interrupted %s', async (_, times, moment) => {
    const demo = start([MAIN, '--jobs', '1000']);
    await demo.says(moment);
    for (let n = 0; n < times; n++) demo.signal('SIGINT');
    const code = await demo.ends();

    expect(code).toBe(1);
    expect(demo.stderr).toMatch(times === 1 ? /^fleet: stopped by SIGINT\n$/ : /^fleet: .*\n$/);
    await eventually(() => workersOf(demo).length === 0);
    await eventually(() => processesIn(folder).length === 0);
    expect(readdirSync(folder).filter((name) => name.startsWith('rxvisor-'))).toEqual([]);
  });

  it('leaves no job in somebody else’s PostgreSQL when it is interrupted', async () => {
    await fleet.start();
    try {
      const demo = start([MAIN, '--jobs', '1000'], { DATABASE_URL: fleet.url });
      await demo.says(/worker-3 .* 4 running/);
      demo.signal('SIGINT');
      await demo.ends();
      const left = await fleet.query(
        `SELECT name, state::text, data->'cancelled' AS c, count(*)::int AS jobs FROM rxvisor_demo.job  WHERE state IN ('created', 'retry', 'active') GROUP BY 1, 2, 3`,
      );

      expect(left).toEqual([]);
    } finally {
      await fleet.stop();
    }
  });

  it('says in one line that a database can not be reached', async () => {
    const demo = start([MAIN], { DATABASE_URL: 'postgres://user:secret@127.0.0.1:1/jobs' });

    expect(await demo.ends()).toBe(1);
    expect(demo.stderr).toMatch(/^fleet: .*127\.0\.0\.1:1.*\n$/);
    expect(demo.output).not.toContain('secret');
    expect(demo.output).not.toMatch(/^ +at /m);
  });

  it('says in one line what is missing on a machine for which there is no PostgreSQL', async () => {
    const vax = 'data:text/javascript,Object.defineProperty(process,"arch",{value:"vax"})';
    const demo = start(['--import', vax, MAIN]);

    expect(await demo.ends()).toBe(1);
    expect(demo.output).toMatch(/^fleet: .* \(linux vax\).*DATABASE_URL=postgres:.*\n$/);
  });

  it.each([['--jobs', '3'], ['--jobs', 'many'], ['--fast']])(
    'refuses %s %s with one line and exit code 2',
    async (...args) => {
      const demo = start([MAIN, ...args]);

      expect(await demo.ends()).toBe(2);
      expect(demo.output).toMatch(/^fleet: .* \(--help tells more\)\n$/);
    },
  );

  it('helps', async () => {
    const demo = start([MAIN, '--help']);

    expect(await demo.ends()).toBe(0);
    expect(demo.stdout).toContain('npm run demo:fleet');
  });
});

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Those that have been started with something in a folder. */
function processesIn(folder: string): number[] {
  const commandOf = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      return '';
    }
  };
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => commandOf(pid).includes(folder)).map(Number);
}

async function eventually(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    if (tries > 1_000) throw new Error(`it never was so: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
