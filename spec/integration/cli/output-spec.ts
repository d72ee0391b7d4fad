import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { linesOf, wordsOf } from './lines.js';
import { endAll, runToEnd, start } from '../process.js';

const folder = mkdtempSync(join(tmpdir(), 'rxvisor-log-'));

afterEach(endAll);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

type Line = Record<string, unknown>;

const parseLines = (text: string): Line[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '');

const holds = (path: string, text: string) => () => read(path).includes(text);

describe('what a module writes', () => {
  it('arrives as a whole, however late and slowly it is read (PITFALLS E1)', async () => {
    const daemon = start(['run', 'output.mjs'], { reading: ['stderr'] });
    let size = 0;
    let tail = '';
    await daemon.says('▼ runner');
    for await (const chunk of daemon.child.stdout as AsyncIterable<Buffer>) {
      size += chunk.length;
      tail = `${tail}${chunk.toString()}`.slice(-8);
      await sleep(1);
    }

    expect({ size, tail }).toEqual({ size: 2_000_008, tail: 'the end\n' });
    expect(await daemon.ends()).toBe(0);
  });

  it('is not waited for after a second signal, when nobody reads it', async () => {
    const daemon = start(['run', 'output.mjs'], { reading: ['stderr'] });
    const exited = once(daemon.child, 'exit');
    await daemon.says('▼ runner');
    daemon.signal('SIGINT');
    daemon.signal('SIGTERM');
    const [code] = (await exited) as unknown[];
    daemon.child.stdout.destroy();

    // Which one is the second is up to the machine.
    expect([130, 143]).toContain(code);
  });
});

describe('the lines of lifecycle', () => {
  it('are objects with --log json, one a line, and nothing else is among them', async () => {
    const { code, stdout, stderr } = await runToEnd(['run', '--log', 'json', 'warns.mjs']);
    const lines = parseLines(stderr);

    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(lines.map(({ type }) => type)).toEqual([
      'up',
      'start',
      'message',
      'crash',
      'exit',
      'shutdown',
      'down',
    ]);
    for (const { level, time, at } of lines) {
      expect(['error', 'warn', 'info']).toContain(level);
      expect(new Date(time as string).toISOString()).toBe(time);
      if (at !== undefined) expect(Date.parse(time as string)).toBe(at);
    }
    expect(lines[2]).toMatchObject({ level: 'warn', message: 'Warning: beware' });
    const error = {
      name: 'TypeError',
      message: 'wrong\nin two lines',
      code: 'EWRONG',
      stack: expect.stringContaining('at worry'),
      cause: { name: 'Error', message: 'as it was' },
      detail: { list: [1, 'two'], self: '[circular]' },
    };
    expect(lines[3]).toMatchObject({ level: 'error', task: 'worry', attempt: 1, error });
    expect(lines[6]).toMatchObject({
      level: 'error',
      report: { reason: { type: 'failure' }, failures: [{ task: 'worry', error }] },
    });
  });

  it.each([
    ['error', ['✖ ill crashed', '✖ ill failed']],
    ['warn', ['✖ tries crashed', '↻ tries restarting', '✖ ill crashed', '✖ ill failed']],
  ])('are only the graver ones with --log-level %s', async (level, kinds) => {
    const args = ['run', '--log-level', level, 'tries.mjs', 'member.mjs'];
    const { stderr } = await runToEnd(args);
    const said = linesOf(stderr).map((line) => line.split(/ after|:| in/)[0]);

    expect([...new Set(said)].sort()).toEqual([...kinds].sort());
  });

  it('tell of executions, and of who is asked to stop, with --log-level debug', async () => {
    const quiet = await runToEnd(['run', 'exports/executes.mjs']);
    const loud = await runToEnd(['run', '--log-level', 'debug', 'exports/executes.mjs']);
    const tasks = (stderr: string) => linesOf(stderr).filter((line) => !line.includes('runner'));

    expect(tasks(quiet.stderr)).toEqual([]);
    expect(tasks(loud.stderr)).toEqual(['▶ task started', '✔ task completed']);
  });

  it('are only those of the level that is asked for, with warnings among them or not', async () => {
    const args = ['run', '--log', 'json', '--log-level', 'error', 'warns.mjs'];
    const { stderr } = await runToEnd(args);

    expect(parseLines(stderr).map(({ type, level }) => [type, level])).toEqual([
      ['crash', 'error'],
      ['exit', 'error'],
      ['down', 'error'],
    ]);
  });

  it('are not there with --log silent, but a failure is said', async () => {
    const { code, stderr } = await runToEnd(['run', '--log', 'silent', 'member.mjs']);

    expect(code).toBe(1);
    expect(linesOf(stderr)).toEqual([]);
    expect(wordsOf(stderr)).toMatch(/^rxvisor: task "ill" failed:/);
  });

  it('are coloured if that is forced, and plain in a pipe', async () => {
    const forced = await runToEnd(['run', 'done.mjs'], { env: { FORCE_COLOR: '1' } });
    const plain = await runToEnd(['run', 'done.mjs']);

    expect(forced.stderr).toContain('\u001b[36m▲\u001b[0m');
    expect(plain.stderr).not.toContain('\u001b');
  });

  it('are nobody’s loss when nobody reads them any more: the daemon goes on (EPIPE)', async () => {
    const daemon = start(['run', 'chatty.mjs']);
    await daemon.says('short#99');
    daemon.child.stderr.destroy();
    const { length } = daemon.stdout;
    // Thousands of lines that nobody reads.
    await daemon.until(() => daemon.stdout.length >= length + 20);
    daemon.signal('SIGTERM');

    expect(await daemon.ends()).toBe(0);
  });
});

describe('--log-target', () => {
  it('holds the lines, without colours, all of them to the last, and failures are said on stderr too', async () => {
    const path = join(folder, 'whole.log');
    const args = ['run', '--log-target', path, 'member.mjs'];
    const { code, stderr } = await runToEnd(args, { env: { FORCE_COLOR: '1' } });
    const text = read(path);

    expect(code).toBe(1);
    expect(linesOf(stderr)).toEqual([]);
    expect(stderr).toMatch(/^rxvisor: task "ill" failed:/);
    expect(linesOf(text).at(0)).toBe('▲ runner up');
    expect(linesOf(text).at(-1)).toMatch(/^▼ runner down after/);
    expect(wordsOf(text)).toMatch(/^rxvisor: task "ill" failed:/);
  });

  it('appends, and holds objects with --log json', async () => {
    const path = join(folder, 'objects.log');
    const args = ['run', '--log', 'json', '--log-target', path, 'member.mjs'];
    const first = await runToEnd(args);
    await runToEnd(args);
    const types = parseLines(read(path)).map(({ type }) => type);

    expect(types.filter((type) => type === 'up')).toHaveLength(2);
    expect(first.stderr).toMatch(/^rxvisor: task "ill" failed:/);
  });

  it('survives rotation: a file that was moved is not written any more, and a new one is', async () => {
    const path = join(folder, 'moved.log');
    const daemon = start(['run', '--log-target', path, 'chatty.mjs']);
    await daemon.until(holds(path, 'short#99'));
    renameSync(path, `${path}.1`);
    await daemon.until(holds(path, 'short#99'));
    const moved = read(`${path}.1`);
    daemon.signal('SIGTERM');
    const code = await daemon.ends();

    expect(code).toBe(0);
    expect(read(`${path}.1`)).toBe(moved);
    const numbers = (text: string) => linesOf(text).filter((line) => line.startsWith('▲'));
    expect(numbers(moved)).toHaveLength(1);
    expect(linesOf(read(path)).at(-1)).toMatch(/^▼ runner down/);
    // No line is lost, and none is torn.
    const all = `${moved}${read(path)}`;
    expect(wordsOf(all)).toBe('');
    const starts = linesOf(all).filter((line) => line.startsWith('▶ short'));
    const [, ended] = /: (\d+) completed/.exec(linesOf(all).at(-1)!)!;
    expect(starts.length).toBeGreaterThanOrEqual(Number(ended));
    expect(daemon.stderr).toBe('');
  });

  it('is opened anew at SIGHUP, when nothing is written that would tell', async () => {
    const path = join(folder, 'hup.log');
    const daemon = start(['run', '--log-target', path, 'steady.mjs']);
    await daemon.until(holds(path, 'steady'));
    renameSync(path, `${path}.1`);
    daemon.signal('SIGHUP');
    await daemon.until(() => existsSync(path));
    daemon.signal('SIGTERM');

    expect(await daemon.ends()).toBe(0);
    expect(linesOf(read(path)).at(0)).toBe('▽ runner shutting down: signal SIGTERM');
  });

  it('is refused where there is no such folder', async () => {
    const path = join(folder, 'none', 'x.log');
    const { code, stderr } = await runToEnd(['run', '--log-target', path, 'done.mjs']);

    expect(code).toBe(2);
    expect(stderr).toBe(
      `rxvisor: option --log-target can't be opened: Error: ENOENT: no such file or directory, open '${path}'\n`,
    );
  });

  it('does no harm when it is full, and says so once', async () => {
    const { code, stdout, stderr } = await runToEnd([
      'run',
      '--log-target',
      '/dev/full',
      'done.mjs',
    ]);

    expect(code).toBe(0);
    expect(stdout).not.toBe('');
    expect(stderr).toBe(
      'rxvisor: lines of the log are lost: Error: ENOSPC: no space left on device, write\n',
    );
  });

  it('may be stdout, too', async () => {
    const { stdout, stderr } = await runToEnd([
      'run',
      '--log-target',
      'stdout',
      'exports/list.mjs',
    ]);

    expect(linesOf(stdout).at(0)).toBe('▲ runner up');
    expect(stderr).toBe('');
  });
});
