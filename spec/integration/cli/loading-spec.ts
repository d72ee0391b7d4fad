import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { linesOf, wordsOf } from './lines.js';
import { FIXTURES, ROOT, endAll, runToEnd } from '../process.js';

const EXPORTS = join(FIXTURES, 'exports');
const NOTHING =
  'nothing to run: export by default a function, an Observable, a group or a list of { name, payload }, or let the module adopt (runtime.adopt(), or new of a service)';

afterEach(endAll);

describe('what a module exports by default', () => {
  it.each([
    ['anonymous.mjs', ['anonymous'], 'a function without a name, which is called as the file is'],
    ['folder/index.js', ['folder'], 'one of an index, which is called as the folder is'],
    ['observable.mjs', ['observable'], 'an Observable'],
    ['group.mjs', ['group', 'group/a'], 'a group'],
    ['list.mjs', ['(list)', 'a', 'list'], 'a list of specs, which is a group without a prefix'],
    ['threaded.mjs', ['tick'], 'a threaded payload'],
    ['common.cjs', ['common'], 'of a CommonJS module'],
    ['service.mjs', ['Ticker', 'Ticker#2'], 'a class, of which instances are services'],
    ['typescript.ts', ['Ticker'], 'nothing, but a service with a decorator, in TypeScript'],
  ])('is adopted: %s, %j (%s)', async (file, tasks) => {
    const { code, stderr } = await runToEnd(['run', file], { cwd: EXPORTS });

    expect(wordsOf(stderr)).toBe('');
    expect(linesOf(stderr).filter((line) => line.startsWith('▶'))).toEqual(
      tasks.map((task) => `▶ ${task} started`),
    );
    expect(code).toBe(0);
  });

  it('need not be there, if the module executes something while it is loaded', async () => {
    const { code, stdout, stderr } = await runToEnd(['run', 'executes.mjs'], { cwd: EXPORTS });

    expect({ code, stdout, words: wordsOf(stderr) }).toEqual({
      code: 0,
      stdout: '42\n',
      words: '',
    });
  });

  it.each([
    ['nothing.mjs', `nothing.mjs: ${NOTHING}`],
    ['empty-list.mjs', `empty-list.mjs: ${NOTHING}`],
    [
      'object.mjs',
      "object.mjs: its default export can't be run: payload is { port: 8080 }, which cannot be run: wrap it in a function, () => …, or hand in an Observable",
    ],
    [
      'promise.mjs',
      "promise.mjs: its default export can't be run: payload is Promise { undefined }, which has already started and could not be restarted: wrap it in a function, () => …, or hand in an Observable",
    ],
  ])('is refused if there is nothing to run: %s', async (file, words) => {
    const { code, stderr } = await runToEnd(['run', file], { cwd: EXPORTS });

    expect(wordsOf(stderr)).toBe(`rxvisor: ${words}\n`);
    expect(code).toBe(2);
  });
});

describe('a module that cannot be loaded', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'rxvisor-cli-')));
  const files = {
    'syntax.mjs': 'export const a = 1;\n\nexport default () => { return }}\n',
    'imports-syntax.mjs': `import './lib/deep.mjs';\n`,
    'lib/deep.mjs': `import '../syntax.mjs';\n`,
    'syntax.cjs': '\nconst x = ;\n',
    'package.mjs': `import { join } from 'node:path';\nimport { a } from 'no-such-package';\n`,
    'file.mjs': `\n\nimport './no-such-file.mjs';\n`,
    'require.cjs': `\nrequire('no-such-package');\n`,
    'export.mjs': `\nimport { nope } from './good.mjs';\n`,
    'good.mjs': 'export const yes = 1;\n',
    'throws.mjs': `\nexport const a = 1;\nthrow new TypeError('at the top');\n`,
    'throws-below.mjs': `import './throws.mjs';\n`,
    'string.mjs': `throw 'a string';\n`,
    'rejects.mjs': `\nawait Promise.reject(new Error('in vain'));\n`,
    'data.json': '{}\n',
    'syntax.ts': 'const a: number = 1;\n\nexport default function (: string) {}\n',
    'throws.ts':
      'interface A {\n  a: number;\n}\n\nconst x = undefined as unknown as A;\nexport const y = x.a;\n',
    'package.json': '{ "type": "module" }',
  };

  beforeAll(() => {
    for (const name of ['lib', 'a-folder', 'node_modules']) mkdirSync(join(folder, name));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    symlinkSync(join(ROOT, 'node_modules/tsx'), join(folder, 'node_modules/tsx'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['syntax.mjs', "syntax.mjs:3: SyntaxError: Unexpected token '}'"],
    [
      'imports-syntax.mjs',
      "syntax.mjs:3: SyntaxError: Unexpected token '}' (loaded by imports-syntax.mjs)",
    ],
    ['syntax.cjs', "syntax.cjs:2: SyntaxError: Unexpected token ';'"],
    ['package.mjs', "package.mjs:2: Cannot find package 'no-such-package'"],
    ['file.mjs', `file.mjs:3: Cannot find module '${folder}/no-such-file.mjs'`],
    ['require.cjs', "require.cjs:2: Cannot find module 'no-such-package'"],
    [
      'export.mjs',
      "export.mjs:2: SyntaxError: The requested module './good.mjs' does not provide an export named 'nope'",
    ],
    ['throws.mjs', 'throws.mjs:3: TypeError: at the top'],
    ['throws-below.mjs', 'throws.mjs:3: TypeError: at the top (loaded by throws-below.mjs)'],
    ['string.mjs', "string.mjs: it threw 'a string'"],
    ['rejects.mjs', 'rejects.mjs:2: Error: in vain'],
    ['syntax.ts', 'syntax.ts:3: SyntaxError: Expected identifier but found ":"'],
    ['throws.ts', "throws.ts:6: TypeError: Cannot read properties of undefined (reading 'a')"],
  ])('is told in one line: %s', async (file, words) => {
    const { code, stderr } = await runToEnd(['run', file], { cwd: folder });

    expect(wordsOf(stderr)).toBe(`rxvisor: ${words}\n`);
    expect(code).toBe(2);
  });

  it.each([
    ['none.mjs', 'none.mjs: there is no such file'],
    ['good', 'good: there is no such file, but good.mjs is there'],
    ['a-folder', "a-folder: it's a directory: name a module in it"],
    ['data.json', "data.json: it's no module: name one of .js, .mjs, .cjs, .ts, .mts, .cts"],
  ])('is told before anything is run: %s', async (file, words) => {
    const { code, stderr } = await runToEnd(['run', 'good.mjs', file], { cwd: folder });

    expect({ code, stderr }).toEqual({ code: 2, stderr: `rxvisor: ${words}\n` });
  });

  it('stops what the modules before it run', async () => {
    const steady = join(FIXTURES, 'steady.mjs');
    const { code, stderr } = await runToEnd(['run', steady, 'throws.mjs'], { cwd: folder });

    expect(code).toBe(2);
    expect(linesOf(stderr)).toEqual(
      expect.arrayContaining([
        '▶ steady started',
        '▽ runner shutting down: failure (TypeError: at the top)',
        '■ steady stopped',
      ]),
    );
    expect(wordsOf(stderr)).toBe('rxvisor: throws.mjs:3: TypeError: at the top\n');
  });

  it('is told with its stack if somebody debugs', async () => {
    const settings = { cwd: folder, env: { DEBUG: 'nothing' } };
    const { stderr } = await runToEnd(['run', 'throws.mjs'], settings);

    expect(wordsOf(stderr)).toMatch(
      /^rxvisor: throws\.mjs:3: TypeError: at the top\nTypeError: at the top\n {4}at .*throws\.mjs:3:7/,
    );
  });

  it('is told as an object where there is nothing but JSON', async () => {
    const { code, stderr } = await runToEnd(['run', '--log', 'json', 'throws.mjs'], {
      cwd: folder,
    });
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);

    expect(code).toBe(2);
    expect(lines).toContainEqual({
      level: 'error',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      type: 'message',
      message: 'throws.mjs:3: TypeError: at the top',
    });
  });

  describe('checked', () => {
    it('is told all the same, and the others are checked', async () => {
      const list = join(EXPORTS, 'list.mjs');
      const args = ['check', 'syntax.mjs', list, 'throws.mjs', 'good.mjs'];
      const { code, stdout, stderr } = await runToEnd(args, { cwd: folder });

      expect(code).toBe(2);
      expect(stdout).toBe(`${list}: a, list\n`);
      expect(stderr).toBe(
        [
          "rxvisor: syntax.mjs:3: SyntaxError: Unexpected token '}'",
          'rxvisor: throws.mjs:3: TypeError: at the top',
          'rxvisor: good.mjs: nothing to run',
          '',
        ].join('\n'),
      );
    });
  });
});

describe('a module that throws undefined', () => {
  it('has failed to load like any other', async () => {
    const { code, stderr } = await runToEnd(['run', 'throws-undefined.mjs']);

    expect(code).toBe(2);
    expect(linesOf(stderr)).toContain('▽ runner shutting down: failure (undefined)');
    expect(wordsOf(stderr)).toBe('rxvisor: throws-undefined.mjs: it threw undefined\n');
  });
});

describe('rxvisor check', () => {
  it('says what would be run, and runs nothing', async () => {
    const files = ['list.mjs', 'service.mjs', 'typescript.ts', 'threaded.mjs', 'common.cjs'];
    const { code, stdout, stderr } = await runToEnd(['check', ...files], { cwd: EXPORTS });

    expect(stderr).toBe('');
    expect(stdout.split('\n')).toEqual([
      'list.mjs: a, list',
      'service.mjs: Ticker, Ticker#2',
      'typescript.ts: Ticker#3',
      'threaded.mjs: tick',
      'common.cjs: common',
      '',
    ]);
    expect(code).toBe(0);
  });

  it('hands on what follows --, and exits whatever handles are left open', async () => {
    const { code, stdout } = await runToEnd(['check', 'uncaught.mjs', 'done.mjs', '--', 'x', 'y']);

    expect({ code, stdout }).toEqual({ code: 0, stdout: 'uncaught.mjs: task\ndone.mjs: work\n' });
  });

  it.each([
    ['hanging.mjs', "hanging.mjs: it awaits what happens only while it's run"],
    ['runs.mjs', 'runs.mjs:4: it calls run() of the runtime, which the command does: leave it out'],
  ])('refuses %s', async (file, words) => {
    const { code, stderr } = await runToEnd(['check', file]);

    expect({ code, stderr }).toEqual({ code: 2, stderr: `rxvisor: ${words}\n` });
  });

  it('refuses a module that ends the process while it is loaded', async () => {
    const { code, stderr } = await runToEnd(['check', 'exits.mjs', '--', 'loading']);

    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'rxvisor: exits.mjs: it ends the process, by process.exit()\n',
    });
  });

  it('is of one mind with run about a module that runs the runtime itself', async () => {
    const { code, stderr } = await runToEnd(['run', 'runs.mjs']);

    expect(wordsOf(stderr)).toBe(
      'rxvisor: runs.mjs:4: it calls run() of the runtime, which the command does: leave it out\n',
    );
    expect(code).toBe(2);
  });

  it('tells what is thrown while a module is being loaded and nobody catches', async () => {
    const { code, stderr } = await runToEnd(['check', 'uncaught.mjs', '--', 'throw', 'loading']);

    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'rxvisor: uncaught.mjs:7: Error: thrown by nobody\n',
    });
  });
});
