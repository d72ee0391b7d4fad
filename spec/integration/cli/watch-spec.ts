import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ROOT, Process, endAll, start } from '../process.js';

/** A module that says what it was made of, and lives until it's stopped. */
const living = (imports: string, what: string) => `${imports}
import { once } from 'node:events';
export default async function daemon({ signal, onTeardown }) {
  onTeardown(() => console.log('torn down ' + ${what}));
  console.log('live ' + ${what} + '!');
  await once(signal, 'abort');
}
`;

let folder = '';

/** Makes a project of these files. */
function project(files: Record<string, string>): void {
  folder = mkdtempSync(join(tmpdir(), 'rxvisor-watch-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/rxvisor'));
  symlinkSync(join(ROOT, 'node_modules/tsx'), join(folder, 'node_modules/tsx'));
  write({ 'package.json': '{ "type": "module" }', ...files });
}

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

const watch = (...args: string[]) => start(['run', '--watch', ...args], { cwd: folder });

/** Stops it, and expects that it ends as its daemon does. */
async function stop(process: Process): Promise<void> {
  process.signal('SIGTERM');
  expect(await process.ends()).toBe(0);
}

/** The daemon, not what watches it. */
async function daemonOf(watcher: Process): Promise<number> {
  const line = await watcher.says(/pid \d+!/);
  return Number(line.slice(4, -1));
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

afterEach(() => {
  endAll();
  rmSync(folder, { recursive: true, force: true });
});

describe('rxvisor run --watch', () => {
  it('restarts gracefully when the module, an import, or an import of an import changes', async () => {
    project({
      'main.mjs': living(`import { a } from './lib/a.mjs';`, `'1' + a`),
      'lib/a.mjs': `import { b } from '../b.mjs'; export const a = '1' + b;`,
      'b.mjs': `export const b = '1';`,
    });
    const watcher = watch('main.mjs');
    await watcher.says('live 111!');
    write({ 'b.mjs': `export const b = '2';` });
    await watcher.says('b.mjs changed: restarting');
    await watcher.says('torn down 111');
    await watcher.says('down after');
    await watcher.says('live 112!');
    write({ 'lib/a.mjs': `import { b } from '../b.mjs'; export const a = '2' + b;` });
    await watcher.says('lib/a.mjs changed: restarting');
    await watcher.says('torn down 112');
    await watcher.says('live 122!');
    write({ 'main.mjs': living(`import { a } from './lib/a.mjs';`, `'2' + a`) });
    await watcher.says('torn down 122');
    await watcher.says('live 222!');
    await stop(watcher);
    expect(watcher.output).toContain('torn down 222');
  });

  it('watches TypeScript, loaded by tsx, and what is imported in a thread', async () => {
    project({
      'main.ts': `
        import { type TaskContext, runtime, threaded } from 'rxvisor';
        import { a } from './a.js';
        const work = threaded<typeof import('./work.js')>(new URL('./work.js', import.meta.url));
        runtime.adopt(work.work()).subscribe((value) => console.log(\`live \${a as string}\${value}!\`));
        export default ({ signal }: TaskContext) =>
          new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));`,
      'a.ts': `export { b as a } from './b.js';`,
      'b.ts': `export const b: string = '1';`,
      'work.js': `import { c } from './c.js'; export const work = () => c;`,
      'c.js': `export const c = '1';`,
    });
    const watcher = watch('main.ts');
    await watcher.says('live 11!');
    write({ 'b.ts': `export const b: string = '2';` });
    await watcher.says('live 21!');
    write({ 'c.js': `export const c = '2';` });
    await watcher.says('live 22!');
    await stop(watcher);
  });

  it('watches what is required', async () => {
    project({
      'main.mjs': living(`import a from './a.cjs';`, `a.a`),
      'a.cjs': `exports.a = '1' + require('./b.cjs').b + require('./c.json').c;`,
      'b.cjs': `exports.b = '1';`,
      'c.json': `{ "c": "1" }`,
    });
    const watcher = watch('main.mjs');
    await watcher.says('live 111!');
    write({ 'b.cjs': `exports.b = '2';` });
    await watcher.says('live 121!');
    write({ 'c.json': `{ "c": "2" }` });
    await watcher.says('live 122!');
    await stop(watcher);
  });

  it('notices a file that is saved by renaming another, again and again', async () => {
    project({
      'main.mjs': living(`import { a } from './a.mjs';`, 'a'),
      'a.mjs': `export const a = '0';`,
    });
    const watcher = watch('main.mjs');
    await watcher.says('live 0!');
    for (const version of ['1', '2', '3']) {
      write({ 'a.mjs.tmp': `export const a = '${version}';` });
      renameSync(join(folder, 'a.mjs.tmp'), join(folder, 'a.mjs'));
      await watcher.says(`live ${version}!`);
    }
    await stop(watcher);
  });

  it('restarts once for a burst of changes, and not for files that it has not loaded', async () => {
    project({
      'main.mjs': living(`import { a } from './a.mjs'; import { b } from './b.mjs';`, 'a + b'),
      'a.mjs': `export const a = '1';`,
      'b.mjs': `export const b = '1';`,
    });
    const watcher = watch('main.mjs');
    await watcher.says('live 11!');
    write({ 'other.mjs': 'export {};', 'a.mjs': `export const a = '2';` });
    write({ 'b.mjs': `export const b = '2';`, 'main.tmp': 'x' });
    write({ 'a.mjs': `export const a = '3';` });
    await watcher.says(/(a\.mjs, b\.mjs|b\.mjs, a\.mjs) changed: restarting/);
    await watcher.says('live 32!');
    await stop(watcher);
    expect(watcher.output.match(/▲/g)).toHaveLength(2);
  });

  it('says what does not load, and starts again when it is mended', async () => {
    project({
      'main.mjs': living(`import { a } from './a.mjs';`, 'a'),
      'a.mjs': `export const a = ;`,
    });
    const watcher = watch('main.mjs');
    await watcher.says('a.mjs:1: SyntaxError');
    await watcher.says('ended with exit code 2, and starts again when a file changes');
    write({ 'a.mjs': `export { b as a } from './missing.mjs';` });
    await watcher.says('Cannot find module');
    await watcher.says('ended with exit code 2');
    write({ 'missing.mjs': `export const b = 'found';` });
    await watcher.says('live found!');
    unlinkSync(join(folder, 'main.mjs'));
    await watcher.says('there is no such file');
    await watcher.says('ended with exit code 2');
    write({ 'main.mjs': living('', `'back'`) });
    await watcher.says('live back!');
    await stop(watcher);
  });

  it('finds a folder again that was removed with all that was in it', async () => {
    project({
      'main.mjs': living(`import { a } from './deep/lib/a.mjs';`, 'a'),
      'deep/lib/a.mjs': `export const a = '1';`,
    });
    const watcher = watch('main.mjs');
    await watcher.says('live 1!');
    rmSync(join(folder, 'deep'), { recursive: true });
    await watcher.says('ended with exit code 2');
    write({ 'deep/lib/a.mjs': `export const a = '2';` });
    await watcher.says('live 2!');
    write({ 'deep/lib/a.mjs': `export const a = '3';` });
    await watcher.says('live 3!');
    await stop(watcher);
  });

  it('waits for a change when all is done, and ends with the exit code of the last run', async () => {
    project({ 'main.mjs': `export default () => console.log('done');` });
    const watcher = watch('main.mjs');
    await watcher.says('ended with exit code 0, and starts again when a file changes');
    write({ 'main.mjs': `export default () => { throw new Error('boom'); };` });
    await watcher.says('ended with exit code 1');
    watcher.signal('SIGINT');
    expect(await watcher.ends()).toBe(1);
  });

  const PID = living('', `'pid ' + process.pid`);

  it.each(['SIGTERM', 'SIGINT'] as const)('passes %s on, once', async (name) => {
    project({ 'main.mjs': PID });
    const watcher = watch('main.mjs');
    const pid = await daemonOf(watcher);
    watcher.signal(name);
    await watcher.says(`shutting down: signal ${name}`);
    await watcher.says('torn down');
    expect(await watcher.ends()).toBe(0);
    expect(isAlive(pid)).toBe(false);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'stops gracefully when %s meets all processes of the group, as Ctrl-C and kill %%1 do',
    async (name) => {
      project({
        'main.mjs': `
          export default async ({ signal, onTeardown }) => {
            onTeardown(() => new Promise((resolve) => setTimeout(resolve, 600)).then(() => console.log('torn down')));
            console.log('live!');
            await new Promise((resolve) => signal.addEventListener('abort', resolve));
          }`,
      });
      const options = { cwd: folder, detached: true };
      const watcher = start(['run', '--watch', 'main.mjs'], options);
      await watcher.says('live!');
      watcher.signal(name, true);
      await watcher.says('torn down');
      expect(await watcher.ends()).toBe(0);
    },
  );

  it('passes a second signal on, and ends with what comes of it', async () => {
    project({
      'main.mjs': `export default () => { console.log('live!'); return new Promise(() => undefined); }`,
    });
    const watcher = watch('main.mjs');
    await watcher.says('live!');
    watcher.signal('SIGTERM');
    await watcher.says('shutting down');
    watcher.signal('SIGINT');
    expect(await watcher.ends()).toBe(130);
  });

  it('leaves no daemon behind when it is killed itself', async () => {
    project({ 'main.mjs': PID });
    const watcher = watch('main.mjs');
    await daemonOf(watcher);
    watcher.signal('SIGKILL');
    // The daemon's own words: its output is open as long as it lives.
    await watcher.says('torn down');
    await watcher.says('down after');
    expect(await watcher.ends()).toBe('SIGKILL');
  });

  it('hides from the module, and from what that starts, that it is watched', async () => {
    project({
      'main.mjs': `
        import { fork } from 'node:child_process';
        import { once } from 'node:events';
        export default async ({ signal }) => {
          const child = fork('./child.mjs');
          const [told] = await once(child, 'message');
          console.log(JSON.stringify([told, process.argv.slice(2), process.execArgv, process.env.RXVISOR_WATCHED]));
          await once(signal, 'abort');
        }`,
      'child.mjs': `import './grandchild.mjs'; process.send([process.execArgv, process.env.RXVISOR_WATCHED ?? 'none']);`,
      'grandchild.mjs': '',
    });
    const watcher = watch('main.mjs', '--', '--watch', 'x');
    await watcher.says('[[[],"none"],["--watch","x"],[],null]');
    await stop(watcher);
  });

  it('takes its words back where lines are not wanted, and says them in JSON where JSON is', async () => {
    project({ 'main.mjs': `export default () => console.log('{}');` });
    const json = watch('--log', 'json', 'main.mjs');
    await json.says('ended with exit code 0');
    json.signal('SIGTERM');
    expect(await json.ends()).toBe(0);
    for (const line of json.output.trimEnd().split('\n')) expect(JSON.parse(line)).toBeDefined();

    const silent = watch('--log', 'silent', 'main.mjs');
    await silent.says('{}\n');
    write({ 'main.mjs': living('', `'again'`) });
    await silent.says('live again!');
    await stop(silent);
    expect(silent.output).toBe('{}\nlive again!\ntorn down again\n');
  });

  it('refuses a module that does not exist, as it would without --watch', async () => {
    project({});
    const watcher = watch('nothing.mjs');
    expect(await watcher.ends()).toBe(2);
    expect(watcher.output).toContain('nothing.mjs: there is no such file');
    expect(readdirSync(folder)).not.toContain('nothing.mjs');
  });
});
