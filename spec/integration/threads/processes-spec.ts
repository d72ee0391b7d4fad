import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync } from 'esbuild';

const ROOT = join(import.meta.dirname, '../../..');
const FIXTURES = join(import.meta.dirname, '../../fixtures/threads/process');
/** Node does it by itself. */
const STRIPS_TYPES = Boolean((process.features as { typescript?: unknown }).typescript);

jest.setTimeout(20_000);

const children = new Set<ChildProcess>();

interface Ended {
  readonly code: unknown;
  readonly lines: string[];
  readonly stdout: string;
  readonly stderr: string;
  /** In ms. */
  readonly took: number;
}

/** Runs a script in a process of its own, until that ends by itself. */
async function run(
  args: readonly string[],
  {
    cwd = FIXTURES,
    said,
  }: { cwd?: string; said?: (child: ChildProcess, line: string) => void } = {},
): Promise<Ended> {
  const begun = Date.now();
  const child = spawn(process.execPath, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
  });
  children.add(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const line of text.split('\n')) said?.(child, line);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code, signal] = (await once(child, 'close')) as unknown[];
  children.delete(child);
  const lines = stdout.trimEnd().split('\n');
  return { code: signal ?? code, lines, stdout, stderr, took: Date.now() - begun };
}

afterEach(() => {
  // Only of a spec that failed: none of the others leaves a process behind.
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

describe('a process that has had threads', () => {
  it('ends by itself after one execution and a shutdown', async () => {
    const { code, lines, stderr, took } = await run(['once.mjs']);

    expect(stderr).toBe('');
    expect(lines).toEqual(['3', '{"completed":1,"stopped":0,"failed":0}']);
    expect(code).toBe(0);
    expect(took).toBeLessThan(10_000);
  });

  it('ends by itself though a thread that nobody closes is idle', async () => {
    const { code, lines, stderr, took } = await run(['idle-thread.mjs']);

    expect(stderr).toBe('');
    expect(lines).toEqual(['3', '1']);
    expect(code).toBe(0);
    // Long before that thread would be retired.
    expect(took).toBeLessThan(10_000);
  });

  it('is kept alive for as long as a task on a thread lives', async () => {
    const { code, lines } = await run(['until-idle.mjs']);

    expect(lines).toEqual(['number', '{"completed":1,"stopped":0,"failed":0}']);
    expect(code).toBe(0);
  });

  it('has none before the first threaded payload, and nothing left after', async () => {
    const { lines, stderr } = await run(['lazy.mjs']);

    expect(stderr).toBe('');
    expect(lines).toEqual(['main', '0 []', '3', '1', '[]']);
  });

  it('stops gracefully at a signal though a thread loops for ever', async () => {
    const { code, lines, took } = await run(['signals.mjs'], {
      said: (child, line) => {
        if (line === 'looping') child.kill('SIGTERM');
      },
    });

    expect(lines).toEqual([
      ...['up', 'start', 'looping'],
      ...['shutdown', 'stopping', 'overdue', 'exit', 'down', 'OverdueError'],
    ]);
    expect(code).toBe(0);
    expect(took).toBeLessThan(10_000);
  });

  it('loses nothing of what they have written', async () => {
    const { stdout, stderr } = await run(['prints.mjs']);
    const numbered = (word: string) =>
      Array.from({ length: 1_000 }, (_, n) => `${word} ${n + 1}\n`);

    expect(stdout).toBe(numbered('out').join(''));
    expect(stderr).toBe(numbered('err').join(''));
  });
});

describe('threads in a service that is written', () => {
  it('in CommonJS run', async () => {
    const { code, lines, stderr } = await run(['once.cjs']);

    expect(stderr).not.toContain('Error');
    expect(lines).toEqual(['3', '8', '{"completed":2,"stopped":0,"failed":0}']);
    expect(code).toBe(0);
  });

  it('in JavaScript run worker modules in TypeScript', async () => {
    const { code, lines, stderr } = await run(['typescript.mjs']);

    expect(stderr).not.toContain('Error');
    expect(lines[0]).toBe('8');
    expect(lines[1]).toBe('RangeError: line 11 undefined');
    expect(lines[2]).toContain('worker.ts:11:');
    expect(code).toBe(0);
  });

  it('in TypeScript run under tsx', async () => {
    const { code, lines, stderr } = await run(['--import', 'tsx', 'main.ts']);

    expect(stderr).toBe('');
    expect(lines[0]).toBe('8');
    expect(lines[1]).toBe('RangeError: line 11 undefined');
    // Both stacks: of the thread, and of who called it.
    expect(lines[2]).toContain('worker.ts:11:');
    expect(lines.join('\n')).toMatch(/called from[^]*main\.ts:10:/);
    expect(code).toBe(0);
  });
});

describe('a consumer of the package', () => {
  let folder: string;

  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'rxvisor-threads-')));
    const installed = join(folder, 'node_modules');
    mkdirSync(join(installed, 'rxvisor'), { recursive: true });
    cpSync(join(ROOT, 'dist'), join(installed, 'rxvisor/dist'), { recursive: true });
    cpSync(join(ROOT, 'package.json'), join(installed, 'rxvisor/package.json'));
    for (const name of ['rxjs', 'rxjs-for-await', 'debug']) {
      symlinkSync(join(ROOT, 'node_modules', name), join(installed, name));
    }
    cpSync(FIXTURES, folder, { recursive: true });
    cpSync(join(FIXTURES, '../count.mjs'), join(folder, '../count.mjs'));
  });

  afterAll(() => {
    rmSync(join(folder, '../count.mjs'));
    rmSync(folder, { recursive: true, force: true });
  });

  it('runs its worker modules', async () => {
    const { code, lines, stderr } = await run(['once.mjs'], { cwd: folder });

    expect(stderr).toBe('');
    expect(lines[0]).toBe('3');
    expect(code).toBe(0);
  });

  it('runs those in TypeScript where Node can, and else is told to install tsx', async () => {
    const main = `
      import { Runner, threaded } from 'rxvisor';
      const work = threaded(new URL('./worker.ts', import.meta.url));
      const runner = new Runner();
      const running = runner.run();
      await runner.execute(work.twice(4), { name: 'doubled' }).forEach((n) => console.log(n)).catch((error) => {
        const { name, reason, message, cause } = error;
        console.log(JSON.stringify([name, reason, message, cause.name, cause.code, cause.message]));
      });
      await runner.shutdown();
      await running;
    `;
    writeFileSync(join(folder, 'doubled.mjs'), main);
    const { code, lines } = await run(['doubled.mjs'], { cwd: folder });

    expect(code).toBe(0);
    if (STRIPS_TYPES) expect(lines).toEqual(['8']);
    else {
      expect(JSON.parse(lines[0]!)).toEqual([
        ...['WorkerCrashError', 'load'],
        expect.stringMatching(/^task "doubled"/),
        ...['MissingPackageError', 'ERR_RXVISOR_MISSING_PACKAGE'],
        expect.stringMatching(/tsx/),
      ]);
    }
  });

  it('is shown the lines that it has written when Node runs with source maps', async () => {
    const source = [
      'interface Unused { readonly lines: 1 }',
      '',
      'type Other = Unused;',
      'export function fails(): never {',
      '  const other: Other | undefined = undefined;',
      '  throw new RangeError(`line 6 ${other}`);',
      '}',
    ].join('\n');
    const options = { loader: 'ts', sourcemap: 'inline', sourcefile: 'written.ts' } as const;
    writeFileSync(join(folder, 'built.mjs'), transformSync(source, options).code);
    writeFileSync(
      join(folder, 'mapped.mjs'),
      `
      import { Runner, threaded } from 'rxvisor';
      const work = threaded(new URL('./built.mjs', import.meta.url));
      const runner = new Runner();
      const running = runner.run();
      await runner.execute(work.fails()).forEach(() => undefined).catch(({ stack }) => console.log(stack));
      await runner.shutdown();
      await running;
    `,
    );
    const mapped = await run(['--enable-source-maps', 'mapped.mjs'], { cwd: folder });
    const plain = await run(['mapped.mjs'], { cwd: folder });

    expect(mapped.stdout).toContain('written.ts:6:');
    expect(mapped.code).toBe(0);
    expect(plain.stdout).toContain('built.mjs:');
  });
});
