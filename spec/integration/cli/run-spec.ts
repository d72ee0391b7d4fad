import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { linesOf, wordsOf } from './lines.js';
import { FIXTURES, endAll, runToEnd, start } from '../process.js';

afterEach(endAll);

describe('rxvisor run', () => {
  it('runs a module to its end and exits with 0, whatever handles are left open', async () => {
    const { code, stdout, stderr } = await runToEnd(['run', 'done.mjs', '--', '--log', 'x', '--']);

    expect(code).toBe(0);
    expect(linesOf(stderr)).toEqual([
      '▲ runner up',
      '▶ work started',
      '✔ work completed',
      '▽ runner shutting down: idle',
      expect.stringMatching(/^▼ runner down after .+: 1 completed, 0 stopped, 0 failed$/),
    ]);
    expect(wordsOf(stderr)).toBe('');
    // What follows the first `--` is the module's, and argv looks as if Node had run it.
    const path = realpathSync(join(FIXTURES, 'done.mjs'));
    expect(stdout).toBe(`["--log","x","--"] ${path}\n`);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('stops gracefully at %s with 0', async (signal) => {
    const child = start(['run', 'steady.mjs']);
    await child.says('▶ steady');
    child.signal(signal);

    expect(await child.ends()).toBe(0);
    expect(linesOf(child.stderr).slice(-3)).toEqual([
      `▽ runner shutting down: signal ${signal}`,
      '■ steady stopped',
      expect.stringMatching(/^▼ runner down after .+: 0 completed, 1 stopped, 0 failed$/),
    ]);
    expect(wordsOf(child.stderr)).toBe('');
  });

  it('goes on when everything has ended, if it is to be kept alive, and even with nothing to run', async () => {
    const children = ['still-there.mjs', 'nothing-yet.mjs'].map((file) =>
      start(['run', '--keep-alive', file]),
    );
    for (const child of children) {
      await child.says('still there');
      child.signal('SIGTERM');

      expect(await child.ends()).toBe(0);
      expect(linesOf(child.stderr)).toContain('▽ runner shutting down: signal SIGTERM');
    }
  });

  it('runs several modules, in their order, until the last task has ended', async () => {
    const { code, stderr } = await runToEnd(['run', 'done.mjs', 'exports/list.mjs', 'tries.mjs']);
    const lines = linesOf(stderr);

    expect(code).toBe(0);
    expect(lines.filter((line) => line.endsWith('started'))).toEqual([
      '▶ work started',
      '▶ (list) started',
      '▶ a started',
      '▶ list started',
      '▶ (tries) started',
      '▶ tries started',
    ]);
    expect(lines.filter((line) => /will restart|restarting|attempt/.test(line))).toEqual([
      expect.stringMatching(/^✖ tries crashed after .+: Error: try 1 \(will restart\)$/),
      '↻ tries restarting in 1 ms',
      '▶ tries started, attempt 2',
      expect.stringMatching(/^✖ tries crashed after .+: Error: try 2 \(will restart\)$/),
      '↻ tries restarting in 1 ms',
      '▶ tries started, attempt 3',
    ]);
  });

  it('exits with 1 after a fatal failure, and says its task, its causes and what was stopped', async () => {
    const { code, stderr } = await runToEnd(['run', 'fails.mjs']);
    const words = wordsOf(stderr);

    expect(code).toBe(1);
    expect(words.split('\n')[0]).toBe('rxvisor: task "poller" failed:');
    expect(words).toMatch(/^ {2}Error: no database\n {6}at poller \(.*fails\.mjs:\d+:\d+\)$/m);
    expect(words).toMatch(/^ {2}caused by Error: refused\n/m);
    expect(words).toContain("{ code: 'ECONNREFUSED' }");
    expect(words).toMatch(/^running at that moment:$/m);
    expect(words).toMatch(/^ {2}web\/server {2}running for .+ {2}stopped$/m);
    expect(words).toMatch(/^ {2}web\/cache {3}in backoff after attempt 1 +stopped$/m);
    // How the machinery came to call it is nobody's matter.
    expect(words).not.toMatch(/at .*(dist|rxjs)/);
  });

  it('exits with 1 when a member failed for good, though the others were not harmed', async () => {
    const { code, stderr } = await runToEnd(['run', 'member.mjs']);

    expect(code).toBe(1);
    expect(linesOf(stderr)).toEqual(
      expect.arrayContaining(['✔ well completed', '✔ (member) completed']),
    );
    expect(wordsOf(stderr)).toMatch(/^rxvisor: task "ill" failed:\n {2}Error: ill for good$/m);
  });

  it('exits with 3 when nothing failed, but something was not over in time', async () => {
    const child = start(['run', 'stubborn.mjs', '--', '20']);
    await child.says('▶ stubborn');
    child.signal('SIGTERM');

    expect(await child.ends()).toBe(3);
    expect(wordsOf(child.stderr)).toMatch(/^rxvisor: task "stubborn" was overdue:\n/);
    expect(wordsOf(child.stderr)).toMatch(/ {2}stubborn {2}running for .+ {2}overdue, abandoned$/m);
  });

  it.each([
    ['SIGINT', 'SIGTERM', 143],
    ['SIGTERM', 'SIGINT', 130],
    ['SIGTERM', 'SIGTERM', 143],
  ] as const)(
    'stops at once when %s is followed by %s, and exits with %d',
    async (first, second, code) => {
      const child = start(['run', 'stubborn.mjs']);
      await child.says('▶ stubborn');
      child.signal(first);
      await child.says('shutting down');
      child.signal(second);

      expect(await child.ends()).toBe(code);
      expect(linesOf(child.stderr)).toContain(
        '! stubborn overdue: not over within 1 min, abandoned',
      );
    },
  );

  it('does not wait for a module that is still being loaded when it is stopped', async () => {
    const child = start(['run', 'steady.mjs', 'hanging.mjs']);
    await child.says('loading');
    child.signal('SIGTERM');

    expect(await child.ends()).toBe(0);
    expect(linesOf(child.stderr)).toContain('■ steady stopped');
    expect(wordsOf(child.stderr)).toBe('');
  });

  it('takes it for no failure that a module which it stopped could not be loaded', async () => {
    const child = start(['run', 'gives-up.mjs']);
    await child.says('▶ slow');
    child.signal('SIGTERM');

    expect(await child.ends()).toBe(0);
    expect(wordsOf(child.stderr)).toBe('');
  });
});

describe('a module that ends the process', () => {
  it('is told of, since nothing was stopped, and has its exit code', async () => {
    const { code, stderr } = await runToEnd(['run', 'exits.mjs', '--', 'running']);

    expect(code).toBe(7);
    expect(linesOf(stderr).at(-1)).toBe('▶ exits started');
    expect(wordsOf(stderr)).toBe(
      'rxvisor: process.exit() was called, with 7: what still ran was not stopped\n',
    );
  });

  it('is not told of when all had been stopped', async () => {
    const { code, stderr } = await runToEnd(['run', 'exits.mjs']);

    expect({ code, words: wordsOf(stderr) }).toEqual({ code: 0, words: '' });
  });

  it('fails it if it throws as it ends', async () => {
    const { code, stderr } = await runToEnd(['run', 'exits.mjs', '--', 'listening']);

    expect(code).toBe(1);
    expect(wordsOf(stderr)).toBe('rxvisor: thrown as the process ended: Error: thrown at exit\n');
  });
});

describe('what nobody catches', () => {
  it.each(['throw', 'reject'])('fails the daemon, which stops gracefully: a %s', async (what) => {
    const { code, stderr } = await runToEnd(['run', 'uncaught.mjs', '--', what, 'running']);
    const name = what === 'throw' ? 'uncaughtException' : 'unhandledRejection';

    expect(code).toBe(1);
    expect(linesOf(stderr)).toEqual(
      expect.arrayContaining([
        `✖ ${name} failed: Error: thrown by nobody (fatal)`,
        '▽ runner shutting down: failure (Error: thrown by nobody)',
        '■ task stopped',
      ]),
    );
    const words = wordsOf(stderr);
    expect(words).toMatch(new RegExp(`^rxvisor: task "${name}" failed:\n  Error: thrown by nob`));
    expect(words).toMatch(/^ {2}task {2}running for .+ {2}stopped$/m);
  });

  it.each(['throw', 'reject'])(
    'fails it while a module is being loaded, too: a %s',
    async (what) => {
      const { code, stderr } = await runToEnd(['run', 'uncaught.mjs', '--', what, 'loading']);

      expect(code).toBe(1);
      expect(wordsOf(stderr)).toContain('Error: thrown by nobody');
    },
  );

  it.each(['throw', 'reject'])('is not lost while everything stops: a %s', async (what) => {
    const child = start(['run', 'uncaught.mjs', '--', what, 'stopping']);
    await child.says('▶ task');
    child.signal('SIGTERM');

    expect(await child.ends()).toBe(1);
    expect(linesOf(child.stderr)).toContain('■ task stopped');
    expect(wordsOf(child.stderr)).toMatch(
      /^rxvisor: thrown while everything stopped, and caught by nobody:\n {2}Error: thrown by nobody/,
    );
  });

  it('is not lost among lines of JSON either', async () => {
    const child = start(['run', '--log', 'json', 'uncaught.mjs', '--', 'throw', 'stopping']);
    await child.says('"start"');
    child.signal('SIGTERM');

    expect(await child.ends()).toBe(1);
    expect(JSON.parse(child.stderr.trimEnd().split('\n').at(-1)!)).toMatchObject({
      level: 'error',
      type: 'message',
      message: expect.stringContaining('Error: thrown by nobody'),
    });
  });

  it('is also what an observer of the lifecycle throws', async () => {
    const { code, stderr } = await runToEnd(['run', 'observer.mjs']);

    expect(code).toBe(1);
    expect(linesOf(stderr)).toContain('■ steady stopped');
    expect(wordsOf(stderr)).toContain('Error: a bad observer');
  });
});
