import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { MissingPackageError, RunnerStateError } from '../../../src/errors.js';
import { sayLoadFailure } from '../../../src/cli/module/say-load-failure.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'rxvisor-say-')));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const make = (name: string, text = '') => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return { path, url: pathToFileURL(path).href, shown: path, name: 'x' };
};
const say = async (name: string, error: unknown, text = '') =>
  (await sayLoadFailure(make(name, text), error)).replaceAll(`${folder}/`, '');

const failing = (message: string, fields: object) => Object.assign(new Error(message), fields);
const withStack = (error: Error, ...frames: string[]) =>
  Object.assign(error, {
    stack: [String(error), ...frames.map((at) => `    at ${at}`)].join('\n'),
  });

// What Node itself rejects with is proven with real modules; this is what is left.
describe('sayLoadFailure', () => {
  it('should find the line that imports what is not there', async () => {
    const text = "// pg\nimport {\n  Pool,\n} from 'pg';\n";
    const message = `Cannot find package 'pg' imported from ${join(folder, 'a.mjs')}`;

    expect(await say('a.mjs', failing(message, { code: 'ERR_MODULE_NOT_FOUND' }), text)).toBe(
      "a.mjs:4: Cannot find package 'pg'",
    );
    expect(await say('b.mjs', failing(message, { code: 'ERR_MODULE_NOT_FOUND' }))).toBe(
      `a.mjs:4: Cannot find package 'pg' (loaded by b.mjs)`,
    );
  });

  it('should say without a line what none is known of', async () => {
    const message = `Cannot find package 'pg' imported from ${join(folder, 'none.mjs')}`;

    expect(await say('a.mjs', failing(message, { code: 'ERR_MODULE_NOT_FOUND' }))).toBe(
      "none.mjs: Cannot find package 'pg' (loaded by a.mjs)",
    );
    expect(await say('a.mjs', { message: 'odd' })).toMatch(/^a\.mjs: /);
    expect(await say('a.mjs', undefined)).toBe('a.mjs: it threw undefined');
    expect(await say('a.mjs', 42)).toBe('a.mjs: it threw 42');
  });

  it('should look for a line of the user’s', async () => {
    const error = withStack(
      new TypeError('odd'),
      'query (/app/node_modules/pg/index.js:1:1)',
      `file://${folder}/db.mjs:7:3`,
      `file://${folder}/a.mjs:1:1`,
    );

    expect(await say('a.mjs', error)).toBe('db.mjs:7: TypeError: odd (loaded by a.mjs)');
  });

  it('should ask Node where a syntax error is, and never run anything for that', async () => {
    const error = withStack(new SyntaxError('odd'), 'node:internal/modules/esm/utils:346:16');
    const proof = join(folder, 'proof');
    const runs = `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(proof)}, '');`;

    expect(await say('a.mjs', error, '\n\nconst = 1;\n')).toBe('a.mjs:3: SyntaxError: odd');
    expect(await say('b.mjs', error, runs)).toBe('b.mjs: SyntaxError: odd');
    expect(() => realpathSync(proof)).toThrow('ENOENT');
  });

  it('should take from tsx what it says, without the rest', async () => {
    const message = `Transform failed with 2 errors:\n${folder}/a.ts:3:25: ERROR: Expected ";"\n${folder}/a.ts:4:1: ERROR: x`;

    expect(await say('a.ts', failing(message, { name: 'TransformError' }))).toBe(
      'a.ts:3: SyntaxError: Expected ";"',
    );
  });

  it('should say that decorators need tsx, where Node has stripped the types', async () => {
    const error = withStack(new SyntaxError('Invalid or unexpected token'));

    expect(await say('a.ts', error)).toBe(
      'a.ts: SyntaxError: Invalid or unexpected token (decorators, and what else is more than types, need tsx: npm install tsx)',
    );
  });

  it('should say which package is missing, and who calls run(), in plain words', async () => {
    const missing = new MissingPackageError('tsx', 'to run TypeScript');
    const running = new RunnerStateError('running', 'the runner is running: run() is called once');

    expect(await say('a.ts', withStack(missing))).toBe(`a.ts: ${missing.message}`);
    expect(await say('a.mjs', withStack(running))).toBe(
      'a.mjs: it calls run() of the runtime, which the command does: leave it out',
    );
  });

  it('should say anything in one line', async () => {
    const error = withStack(new Error('in\ntwo lines'));

    expect(await say('a.mjs', error)).toBe('a.mjs: Error: in two lines');
  });

  it('should say all of it, since the way out comes last', async () => {
    const message = `${'because '.repeat(50)}do this`;

    expect(await say('a.mjs', withStack(new TypeError(message)))).toBe(
      `a.mjs: TypeError: ${message}`,
    );
  });
});
