import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, link, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { NEVER, concatMap, delay, from, lastValueFrom, of } from 'rxjs';
import { cut, showFrames } from '../../demo/inventory/screen.js';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(PACKAGE, 'demo/inventory/main.ts');
const MEGABYTE = 2 ** 20;

/** One run of `npm run demo`, without npm and the build. */
class Run {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #closed: Promise<unknown>;
  stdout = '';
  stderr = '';

  constructor(...args: string[]) {
    this.#child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], {
      cwd: PACKAGE,
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
  let run: Run | undefined;

  const write = async (path: string, content: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  };
  /** A file that takes long to digest and no room: a hole. */
  const writeHuge = async (path: string, size: number) => {
    await write(path, '');
    await truncate(join(root, path), size);
  };
  const start = (...args: string[]) => (run = new Run(...args, root));

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'rxvisor-inventory-'));
  });

  afterEach(async () => {
    run?.kill();
    run = undefined;
    await rm(root, { recursive: true, force: true });
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
    expect(run?.value('files')).toBe(canRead ? 10 : 9);
    expect(run?.value('bytes')).toBe(4_000 + 7_500 + (canRead ? 8 : 0));
    expect(run?.value('duplicate groups')).toBe(2);
    // The two names of one.txt are one file.
    expect(run?.value('reclaimable bytes')).toBe(2 * 1_000 + 2_500);
    expect(run?.value('links, not followed')).toBe(1);
    expect(run?.value('unreadable or gone')).toBe(canRead ? 2 : 3);
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
    const restarts = run?.value('inventory/uplink/connection') ?? 0;

    expect(run?.row('batches acknowledged')).toEqual({ value: 40, note: 'of 40' });
    expect(run?.value('files collected')).toBe(files);
    // With luck that nobody has, 0.7 ** 40, there is none.
    expect(restarts).toBeGreaterThan(0);
    expect(run?.row('connections')).toEqual({ value: restarts + 1, note: `${restarts} dropped` });
    expect(run?.value('restart')).toBe(restarts);
    expect(run?.value('crash')).toBe(restarts);
  }, 120_000);

  it('tells of every task, plainly where there is no terminal', async () => {
    await write('file', 'content');

    const { stdout } = await done(start('--drop-rate', '0'));

    const line = (task: string, what: string) =>
      new RegExp(`^ +[\\d.]+ s . ${task} +${what}$`, 'm');
    for (const task of ['', '/collector', '/uplink', '/uplink/connection', '/digester/walker']) {
      expect(stdout).toMatch(line(`inventory${task}`, 'started'));
      expect(stdout).toMatch(line(`inventory${task}`, 'completed'));
    }
    expect(run?.value('up')).toBe(1);
    expect(run?.value('start')).toBe(7);
    expect(run?.value('exit')).toBe(7);
    expect(run?.value('inventory/uplink/connection')).toBe(0);
  }, 60_000);

  it('takes inventory of an empty folder', async () => {
    await done(start());

    expect(run?.value('files')).toBe(0);
    expect(run?.value('bytes')).toBe(0);
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
    await inventory.says(/ 50 of 51 files/);
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
    // The last, half a batch, was made and reported while it stopped.
    expect(inventory.row('batches acknowledged')).toEqual({ value: 3, note: 'of 3' });
    expect(inventory.value('files collected')).toBe(50);
    expect(inventory.value('down')).toBe(1);
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
      run = new Run(...args);

      expect(await run.ends()).toBe(2);
      expect(run.stderr).toMatch(line);
      expect(run.stderr.trimEnd().split('\n')).toHaveLength(1);
      expect(run.stdout).toBe('');
    },
    60_000,
  );

  it('helps', async () => {
    run = new Run('--help');

    expect(await run.ends()).toBe(0);
    expect(run.stdout).toContain('npm run demo [-- [options] [DIR]]');
  }, 60_000);
});

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
