import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  cp,
  link,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { NEVER, concatMap, delay, from, lastValueFrom, of } from 'rxjs';
import { cut, showFrames } from '../../demo/inventory/screen.js';
import { startPostgres } from '../support/postgres.js';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(PACKAGE, 'demo/inventory/main.ts');
const MEGABYTE = 2 ** 20;

/** One run of `npm run demo`, without npm and the build. */
class Run {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #closed: Promise<unknown>;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], DATABASE_URL = '') {
    this.#child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], {
      cwd: PACKAGE,
      env: { ...process.env, DATABASE_URL },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#closed = once(this.#child, 'close');
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
  }

  async says(text: RegExp): Promise<void> {
    while (!text.test(this.stdout)) {
      if (this.#child.exitCode !== null) throw new Error(`it never said ${text}: ${this.stdout}`);
      await Promise.race([once(this.#child.stdout, 'data'), this.#closed]);
    }
  }

  interrupt(): void {
    this.#child.kill('SIGINT');
  }

  /** Its exit code. */
  async ends(): Promise<number | null> {
    await this.#closed;
    return this.#child.exitCode;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** What the table at the end says of something: `files` is 12, `files of` is the note beside it. */
  row(label: string): { value: number; note: string } {
    const [, value, note] =
      new RegExp(`^  ${label} +([\\d,]+)(?:  (.*))?$`, 'm').exec(this.#table) ?? [];
    return { value: Number(value?.replaceAll(',', '')), note: note ?? '' };
  }

  value(label: string): number {
    return this.row(label).value;
  }

  get #table(): string {
    return this.stdout.slice(this.stdout.indexOf('Inventory of'));
  }
}

describe('the inventory demo', () => {
  let root: string;
  let dataDir: string;
  const runs: Run[] = [];
  let run: Run;

  const write = async (path: string, content: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  };
  /** A file that takes long to digest and no room: a hole. */
  const writeHuge = async (path: string, size: number) => {
    await write(path, '');
    await truncate(join(root, path), size);
  };
  const start = (...args: string[]) => begin([...args, '--data-dir', dataDir, root]);
  const begin = (args: readonly string[], databaseUrl?: string) => {
    runs.push((run = new Run(args, databaseUrl)));
    return run;
  };
  /** What is in the ledgers, by run. */
  const ledgers = async () => {
    const names = (await readdir(dataDir)).filter((name) => name.endsWith('.ndjson')).sort();
    const texts = await Promise.all(names.map((name) => readFile(join(dataDir, name), 'utf8')));
    return texts.map((text) => text.trim().split('\n').map(toEntry));
  };

  /** To make a database takes some seconds. */
  let empty: string;
  beforeAll(async () => {
    empty = await mkdtemp(join(tmpdir(), 'rxvisor-findings-'));
    const nothing = join(empty, 'nothing');
    await mkdir(nothing);
    await done(new Run(['--data-dir', empty, nothing]));
  }, 60_000);
  afterAll(() => rm(empty, { recursive: true, force: true }));

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'rxvisor-inventory-'));
    dataDir = await mkdtemp(join(tmpdir(), 'rxvisor-findings-'));
    await cp(join(empty, 'jobs'), join(dataDir, 'jobs'), { recursive: true });
  });

  afterEach(async () => {
    for (const each of runs.splice(0)) {
      each.kill();
      await each.ends();
    }
    await rm(root, { recursive: true, force: true });
    await rm(dataDir, { recursive: true, force: true });
  });

  it('counts a tree with duplicates, links, empty and unreadable things in it', async () => {
    const canRead = process.getuid?.() === 0;
    await write('a/one.txt', 'x'.repeat(1_000));
    await write('b/two.txt', 'x'.repeat(1_000));
    await write('b/\u001b[31mred\n.txt', 'x'.repeat(1_000));
    await link(join(root, 'a/one.txt'), join(root, 'a/another name of one.txt'));
    await write('c/same.bin', 'y'.repeat(2_500));
    await write('c/deep/er/same.bin', 'y'.repeat(2_500));
    await write('c/as long.bin', 'z'.repeat(2_500));
    await write('empty 1', '');
    await write('empty 2', '');
    await mkdir(join(root, 'empty folder'));
    await symlink('..', join(root, 'c/deep/up'));
    await symlink('nowhere', join(root, 'dangling'));
    await symlink('ring', join(root, 'ring'));
    await write('secret', canRead ? 'readable' : '????????');
    await chmod(join(root, 'secret'), 0);

    const { stdout, stderr } = await done(start('--batch', '3', '--drop-rate', '0.2'));

    expect(stderr).toBe('');
    expect(run.value('files')).toBe(canRead ? 10 : 9);
    expect(run.value('bytes')).toBe(4_000 + 7_500 + (canRead ? 8 : 0));
    expect(run.value('duplicate groups')).toBe(2);
    // The two names of one.txt are one file.
    expect(run.value('reclaimable bytes')).toBe(2 * 1_000 + 2_500);
    expect(run.value('links, not followed')).toBe(1);
    expect(run.value('unreadable or gone')).toBe(canRead ? 2 : 3);
    expect(stdout).toMatch(/^ {2}ENOENT {2}dangling$/m);
    expect(stdout).toMatch(/^ {2}ELOOP {3}ring$/m);
    if (!canRead) expect(stdout).toMatch(/^ {2}EACCES {2}secret$/m);
    expect(stdout).toMatch(/2\.5 kB {2}in 2 × 2\.5 kB {2}c\/deep\/er\/same\.bin\n/);
    expect(stdout).toMatch(/2\.0 kB {2}in 4 × 1\.0 kB {2}a\/another name of one\.txt\n/);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).not.toContain('partial');
  }, 60_000);

  it('loses no batch and counts none twice, however often the connection breaks', async () => {
    const files = 200;
    for (let i = 0; i < files; i++) await write(`${i % 10}/${i}`, 'content'.repeat(i));

    await done(start('--batch', '5', '--drop-rate', '0.3'));
    const restarts = run.value('inventory/uplink/connection');

    expect(run.row('batches acknowledged')).toEqual({ value: 40, note: 'of 40' });
    expect(run.value('files collected')).toBe(files);
    // With luck that nobody has, 0.7 ** 40, there is none.
    expect(restarts).toBeGreaterThan(0);
    expect(run.row('connections')).toEqual({ value: restarts + 1, note: `${restarts} dropped` });
    expect(run.value('restart')).toBe(restarts);
    expect(run.value('crash')).toBe(restarts);
  }, 120_000);

  it('tells of every task, plainly where there is no terminal', async () => {
    await write('file', 'content');

    const { stdout } = await done(start('--drop-rate', '0'));

    const line = (task: string, what: string) =>
      new RegExp(`^ +[\\d.]+ s . ${task} +${what}$`, 'm');
    const tasks = ['/archive', '/collector', '/uplink', '/uplink/connection', '/digester/walker'];
    for (const task of ['', ...tasks]) {
      expect(stdout).toMatch(line(`inventory${task}`, 'started'));
      expect(stdout).toMatch(line(`inventory${task}`, 'completed'));
    }
    expect(run.value('up')).toBe(1);
    // With the file, the job of its batch, and that of the roll call.
    expect(run.value('start')).toBe(10);
    expect(run.value('exit')).toBe(10);
    expect(stdout).not.toContain('job:');
    expect(run.value('inventory/uplink/connection')).toBe(0);
  }, 60_000);

  it('takes inventory of an empty folder', async () => {
    await done(start());

    expect(run.value('files')).toBe(0);
    expect(run.value('bytes')).toBe(0);
  }, 60_000);

  it('counts and names a file that vanishes between being found and being read', async () => {
    await writeHuge('a long read', 256 * MEGABYTE);
    await write('vanishing', 'content');

    const inventory = start('--concurrency', '1', '--drop-rate', '0');
    await inventory.says(/walker +completed/);
    await rm(join(root, 'vanishing'));
    const { stdout } = await done(inventory);

    expect(inventory.row('files')).toEqual({ value: 1, note: 'of 2 found' });
    expect(inventory.value('unreadable or gone')).toBe(1);
    expect(stdout).toMatch(/^ {2}ENOENT {2}vanishing$/m);
  }, 120_000);

  it('stops gracefully when it is interrupted half-way, and prints what there is', async () => {
    for (let i = 0; i < 50; i++) await write(`small/${i}`, 'content');
    await writeHuge('zzz', 500_000 * MEGABYTE);

    const inventory = start('--concurrency', '2', '--batch', '20', '--drop-rate', '0.1');
    await inventory.says(/ 50 of 51 files .* batches 2\/2$/m);
    const interrupted = Date.now();
    inventory.interrupt();
    const { stdout, stderr } = await done(inventory);

    expect(Date.now() - interrupted).toBeLessThan(20_000);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/\(partial: stopped by SIGINT after [\d.]+ s\)$/m);
    // The thread that reads the huge one has heard of it, and need not be terminated.
    expect(stdout).not.toContain('overdue');
    expect(inventory.row('files')).toEqual({ value: 50, note: 'of 51 found' });
    expect(inventory.value('bytes')).toBe(50 * 'content'.length);
    expect(inventory.value('reclaimable bytes')).toBe(49 * 'content'.length);
    expect(inventory.value('unreadable or gone')).toBe(0);
    // The last, half a batch, was made and reported while it stopped, and is a job that waits.
    expect(inventory.row('batches acknowledged')).toEqual({ value: 3, note: 'of 3' });
    const { value: left, note } = inventory.row('batches left');
    expect(left).toBeGreaterThanOrEqual(1);
    expect(note).toBe('to the next run');
    expect(inventory.value('files collected')).toBe(50 - 10 - (left - 1) * 20);
    expect(inventory.value('down')).toBe(1);

    await rm(join(root, 'zzz'));
    const next = await done(start());

    expect(next.stdout).toMatch(/ left from an earlier run: entered$/m);
    expect(next.value('batches of earlier runs')).toBeGreaterThanOrEqual(left);
    expect((await ledgers()).map((batches) => sum(batches))).toEqual([50, 50]);
  }, 120_000);

  it('keeps as a job what it acknowledges: killed half-way, the next run finishes it', async () => {
    for (let i = 0; i < 60; i++) await write(`${i}`, 'content');

    const killed = start('--batch', '2', '--drop-rate', '0', '--slow', '100');
    await killed.says(/ batches 30\/30$/m);
    killed.kill();
    await killed.ends();
    const [before = []] = await ledgers();
    const next = await done(start('--drop-rate', '0'));
    const [after = [], own] = await ledgers();

    // As long as there's no database nothing is acknowledged.
    expect(killed.stdout).not.toMatch(/ batches [1-9]\d*\/30 \(opening/);
    expect(before.length).toBeLessThan(30);
    expect(idsOf(after).size).toBe(30);
    // What was being entered may have been just before it was killed, and is then entered again.
    const left = next.value('batches of earlier runs');
    expect([0, 1]).toContain(left - (idsOf(after).size - idsOf(before).size));
    expect(next.stdout).toContain(` ${left} batches left from an earlier run: entered\n`);
    expect(next.stdout.indexOf('left from')).toBeLessThan(next.stdout.search(/archive +ready/));
    expect(sum(own)).toBe(60);

    const third = await done(start());

    expect(third.value('batches of earlier runs')).toBeNaN();
    expect((await ledgers())[0]).toEqual(after);
  }, 120_000);

  it('has nothing to do with a folder that another one uses, and says so in one line', async () => {
    await writeHuge('long', 500_000 * MEGABYTE);
    const first = start();
    await first.says(/archive +ready/);
    const second = start();

    expect(await second.ends()).toBe(1);
    expect(second.stderr).toMatch(/^inventory: .*jobs': process \d+ has it open.*--data-dir DIR/);
    expect(second.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(second.stdout).not.toContain('Inventory of');
    expect(second.stdout).not.toMatch(/^ +at /m);
  }, 60_000);

  it('says in one line that a database can not be reached, without what is secret in its name', async () => {
    await write('file', 'content');
    const url = 'postgres://user:secret@127.0.0.1:1/findings';

    const inventory = begin(['--data-dir', dataDir, root], url);

    expect(await inventory.ends()).toBe(1);
    expect(inventory.stderr).toMatch(/^inventory: .*127\.0\.0\.1:1.*DATABASE_URL/);
    expect(inventory.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(inventory.stdout + inventory.stderr).not.toContain('secret');
    expect(inventory.stdout).not.toMatch(/^ +at /m);
  }, 60_000);

  it('takes no inventory of its own folder', async () => {
    await write('file', 'content');
    dataDir = join(root, 'kept');

    await done(start());
    await done(start());

    expect(run.value('files')).toBe(1);
  }, 60_000);

  it('keeps its jobs in the PostgreSQL that it is given', async () => {
    for (let i = 0; i < 20; i++) await write(`${i}`, 'content');
    const postgres = await startPostgres();
    try {
      const inventory = begin(['--batch', '3', '--data-dir', dataDir, root], postgres.url);
      const other = begin(['--batch', '4', '--data-dir', dataDir, root], postgres.url);
      await done(inventory);
      await done(other);

      expect(inventory.value('files collected')).toBe(20);
      expect(other.value('files collected')).toBe(20);
      const written = await ledgers();
      const largest = (batches: readonly Entry[]) =>
        Math.max(...batches.map(({ files }) => files.length));
      expect(written.map(sum)).toEqual([20, 20]);
      // Each has its own.
      expect(written.map(largest).sort()).toEqual([3, 4]);
    } finally {
      await postgres.stop();
    }
  }, 120_000);

  it.each([
    ['a DIR that does not exist', ['/nowhere/at/all'], /^inventory: .*ENOENT.*\/nowhere\/at\/all/],
    ['a DIR that is a file', [MAIN], /^inventory: DIR is not a directory: .*main\.ts/],
    ['two DIRs', ['.', '.'], /^inventory: one DIR at a time/],
    ['an unknown option', ['--fast'], /^inventory: Unknown option '--fast'/],
    ['a number that is none', ['--batch', 'many'], /^inventory: --batch is "many": give a whole/],
    ['a number that cannot be', ['--drop-rate', '1'], /^inventory: --drop-rate is "1": give a/],
  ])(
    'refuses %s with one line and exit code 2',
    async (_, args, line) => {
      begin(args);

      expect(await run.ends()).toBe(2);
      expect(run.stderr).toMatch(line);
      expect(run.stderr.trimEnd().split('\n')).toHaveLength(1);
      expect(run.stdout).toBe('');
    },
    60_000,
  );

  it('helps', async () => {
    begin(['--help']);

    expect(await run.ends()).toBe(0);
    expect(run.stdout).toContain('npm run demo [-- [options] [DIR]]');
  }, 60_000);
});

interface Entry {
  readonly id: number;
  readonly files: readonly unknown[];
}
const toEntry = (line: string) => JSON.parse(line) as Entry;
const idsOf = (batches: readonly Entry[]) => new Set(batches.map(({ id }) => id));
/** How many files there are in batches, each of which counts once. */
const sum = (batches: readonly Entry[] = []) =>
  [...new Map(batches.map(({ id, files }) => [id, files.length])).values()].reduce(
    (total, n) => total + n,
    0,
  );

describe('the screen of the inventory demo', () => {
  /** A terminal that keeps what is written to it. */
  const terminal = (columns: number, rows: number) => {
    const written: string[] = [];
    const write = (text: string) => written.push(text) > 0;
    return { out: { columns, rows, write } as unknown as NodeJS.WriteStream, written };
  };
  const HIDE = '\u001b[?25l';
  const SHOW = '\u001b[?25h';

  it('hides the cursor, draws over what it drew before, and gives the cursor back', async () => {
    const { out, written } = terminal(80, 24);
    const listeners = process.listenerCount('exit');
    const lines$ = from(['one', 'two']).pipe(concatMap((line) => of(line).pipe(delay(100))));

    await lastValueFrom(showFrames({ lines$, status$: of('50%') }, out), { defaultValue: null });

    expect(written[0]).toBe(HIDE);
    expect(written.at(-1)).toBe(SHOW);
    expect(written.filter((text) => text.includes('50%'))).toHaveLength(3);
    // Up by the three rows of the frame with one line, the empty one, and the status.
    expect(written.at(-2)?.startsWith('\u001b[3A\r')).toBe(true);
    expect(written.at(-2)).toMatch(/one\n.*two\n.*\n.*50%\n/s);
    expect(process.listenerCount('exit')).toBe(listeners);
  });

  it('gives the cursor back when it is left early', () => {
    const { out, written } = terminal(80, 24);

    showFrames({ lines$: NEVER, status$: NEVER }, out).subscribe().unsubscribe();

    expect(written).toEqual([HIDE, SHOW]);
  });

  it('shows only as many lines as there is room for', async () => {
    const { out, written } = terminal(80, 5);

    await lastValueFrom(
      showFrames({ lines$: of('one', 'two', 'three'), status$: of('50%') }, out),
      {
        defaultValue: null,
      },
    );

    expect(written.at(-2)).not.toContain('one');
    expect(written.at(-2)).toMatch(/two\n.*three\n.*\n.*50%\n/s);
  });

  it.each([
    ['short', 5, 'short'],
    ['longer', 5, 'long…'],
    ['\u001b[31mshort\u001b[0m', 5, '\u001b[31mshort\u001b[0m'],
    ['\u001b[31mlonger\u001b[0m', 5, '\u001b[31mlong\u001b[0m…'],
  ])('cuts %j to %d columns, its colours aside', (text, columns, cutText) => {
    expect(cut(text, columns)).toBe(cutText);
  });
});

/** Waits for the end, which is to be a good one. */
async function done(run: Run): Promise<Run> {
  const code = await run.ends();
  if (code !== 0) throw new Error(`exit code ${code}: ${run.stderr}\n${run.stdout}`);
  return run;
}
