import { readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { MAIN, ROOT, Process, endAll, start } from '../process.js';

const FIXTURES = join(ROOT, 'spec/fixtures/cli-terminal');
const CTRL_C = '\u0003';
const ERASE = '\r\u001b[2K';
const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

interface Settings {
  readonly columns?: number;
  readonly options?: readonly string[];
  /** Appended to the command line, for a redirection. */
  readonly redirect?: string;
  readonly env?: Record<string, string>;
}

/** Starts the command at a pseudo-terminal: what is written there, stdout and stderr alike, is its output. */
async function atTerminal(
  fixture: string,
  { columns = 80, options = [], redirect = '', env = {} }: Settings = {},
) {
  const args = [process.execPath, MAIN, 'run', ...options, join(FIXTURES, fixture)].map(quote);
  const script = `stty cols ${columns} rows 24; ${redirect ? '' : 'exec'} ${args.join(' ')} ${redirect}`;
  const terminal = new Process('script', ['-qefc', script, '/dev/null'], {
    env: { SHELL: '/bin/sh', ...env },
    input: true,
  });
  const pid = Number((await terminal.says(/pid \d+(?=\s)/)).slice(4));
  const signal = (name: NodeJS.Signals) => process.kill(pid, name);
  return { terminal, signal };
}

/** What is to be seen when all has been written: of each line what was written after the last erasure. */
const screenOf = (output: string) =>
  output
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => line.split(ERASE).at(-1)!)
    // eslint-disable-next-line no-control-regex -- colours
    .map((line) => line.replace(/\u001b\[[\d;]*m/g, ''));

afterEach(endAll);

describe('at a terminal, the command', () => {
  it('shows one line of status under the scrolling lines, whoever writes them, and erases it at the end', async () => {
    const { terminal, signal } = await atTerminal('chatter.mjs');
    await terminal.says('an unfinished ');
    await terminal.says('restarting in');
    signal('SIGUSR2');
    await terminal.says('the end is near');
    await terminal.says(/▶ 2 running · 1 in backoff · 1 restart · up \d s/);
    signal('SIGTERM');
    expect(await terminal.ends()).toBe(0);

    const screen = screenOf(terminal.output);
    const foreign = screen.filter((line) => !/^\d\d:\d\d:\d\d/.test(line));
    expect(foreign).toEqual([
      expect.stringMatching(/^pid \d+$/),
      'written while loading',
      'foreign one',
      'foreign two',
      expect.stringMatching(/^an unfinished /),
      'line',
      'the end is near',
      '',
    ]);
    expect(screen.filter((line) => /[▶▽] \d? ?(running|shutting)/.test(line))).toEqual([]);
    expect(terminal.output.match(/\n/g)!.length).toBe(screen.length - 1);
  });

  it('counts the time, though nothing happens', async () => {
    const { terminal, signal } = await atTerminal('steady.mjs');
    await terminal.says('▶ 1 running · up 1 s');
    await terminal.says('▶ 1 running · up 2 s');
    signal('SIGINT');
    expect(await terminal.ends()).toBe(0);
    // Nothing but the status was drawn meanwhile.
    expect(screenOf(terminal.output).slice(0, -1)).toEqual([
      expect.stringMatching(/▲ runner +up$/),
      expect.stringMatching(/^pid/),
      expect.stringMatching(/▶ steady +started$/),
      expect.stringMatching(/▽ runner +shutting down: signal SIGINT$/),
      expect.stringMatching(/■ steady +stopped$/),
      expect.stringMatching(/▼ runner +down after/),
    ]);
  });

  it('cuts the line to the columns, one of which stays free', async () => {
    const { terminal, signal } = await atTerminal('steady.mjs', { columns: 16 });
    await terminal.says('▶ 1 running · …');
    signal('SIGTERM');
    expect(await terminal.ends()).toBe(0);
    expect(terminal.output).not.toContain('▶ 1 running · u');
  });

  it.each([[[]], [['--watch']]])(
    'stops gracefully at Ctrl-C, which meets all processes there, and at once at another: %p',
    async (options) => {
      for (const { fixture, keys, code } of [
        { fixture: 'steady.mjs', keys: 1, code: 0 },
        { fixture: 'hangs.mjs', keys: 2, code: 130 },
      ]) {
        const { terminal } = await atTerminal(fixture, { options });
        await terminal.says('▶ 1 running');
        for (let key = 0; key < keys; key++) {
          // Two within a tenth of a second would be one.
          if (key > 0) await terminal.says('1 stopping · up 1 s');
          terminal.type(CTRL_C);
        }
        expect(await terminal.ends()).toBe(code);
      }
    },
  );

  it('has no rest of the line before what --watch says', async () => {
    const { terminal } = await atTerminal('steady.mjs', { options: ['--watch'] });
    await terminal.says('▶ 1 running');
    utimesSync(join(FIXTURES, 'steady.mjs'), new Date(), new Date());
    await terminal.says('steady.mjs changed: restarting');
    const pid = Number((await terminal.says(/pid \d+(?=\r\n)/)).slice(4));
    const watcher = Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
    await terminal.says('▶ 1 running');
    process.kill(pid, 'SIGTERM');
    await terminal.says('ended with exit code 0');
    process.kill(watcher, 'SIGTERM');
    expect(await terminal.ends()).toBe(0);
    const said = screenOf(terminal.output).filter((line) => line.includes('steady.mjs'));
    expect(said).toEqual([
      expect.stringMatching(/^rxvisor: \S+steady\.mjs changed: restarting$/),
      expect.stringMatching(/^rxvisor: \S+steady\.mjs ended with exit code 0, and starts/),
    ]);
  });

  it('erases the line when the module ends the process', async () => {
    const { terminal, signal } = await atTerminal('leaves.mjs');
    await terminal.says('▶ 1 running');
    signal('SIGUSR2');
    expect(await terminal.ends()).toBe(7);
    const notice = 'rxvisor: process.exit() was called, with 7: what still ran was not stopped';
    expect(terminal.output.endsWith(`${ERASE}${notice}\r\n`)).toBe(true);
  });

  it('still shows it when only stdout is piped', async () => {
    const { terminal, signal } = await atTerminal('chatter.mjs', { redirect: '| cat' });
    await terminal.says('▶ 2 running · 1 in backoff · 1 restart · up 1 s');
    signal('SIGTERM');
    await terminal.ends();
  });

  it.each<[string, Settings]>([
    ['stderr is piped', { redirect: '2>&1 | cat' }],
    ['the lines are JSON', { options: ['--log', 'json'] }],
    ['there are to be no lines', { options: ['--log', 'silent'] }],
    ['the lines go to a file', { options: ['--log-target', '/dev/null'] }],
    ['the terminal knows no escapes', { env: { TERM: 'dumb' } }],
  ])('shows no status when %s', async (_, settings) => {
    const { terminal, signal } = await atTerminal('chatter.mjs', settings);
    await terminal.says('an unfinished ');
    signal('SIGUSR2');
    await terminal.says('the end is near');
    signal('SIGTERM');
    await terminal.ends();
    expect(terminal.output).not.toContain(ERASE);
    expect(terminal.output).not.toContain('running');
  });
});

describe('without a terminal, the command', () => {
  it('writes no escape at all', async () => {
    const daemon = start(['run', join(FIXTURES, 'chatter.mjs')]);
    await daemon.says('restarting in');
    daemon.signal('SIGUSR2');
    await daemon.says('the end is near');
    daemon.signal('SIGTERM');
    expect(await daemon.ends()).toBe(0);
    expect(daemon.output).not.toContain('\u001b');
    expect(daemon.output).not.toContain('running');
  });
});
