import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
const FIXTURES = join(import.meta.dirname, '../fixtures/services');
/** All that the package needs. */
const DEPENDENCIES = ['debug', 'ms', 'rxjs', 'rxjs-for-await', 'tslib'];

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'rxvisor-copies-')));

/** A copy of the built package, with dependencies of its own or with ours. */
function copyPackage(name: string, withDependencies: boolean): string {
  const copy = join(folder, name);
  mkdirSync(copy);
  for (const each of ['dist', 'package.json']) {
    cpSync(join(ROOT, each), join(copy, each), { recursive: true });
  }
  if (!withDependencies) symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'dir');
  else {
    for (const each of DEPENDENCIES) {
      const path = join('node_modules', each);
      cpSync(join(ROOT, path), join(copy, path), { recursive: true });
    }
  }
  return join(copy, 'dist/index.js');
}

/** What a fixture prints: nothing but JSON, one a line. */
async function runNode(fixture: string, ...args: string[]): Promise<unknown[]> {
  const options = { env: { ...process.env, NO_COLOR: '1' }, timeout: 60_000 };
  const file = join(FIXTURES, fixture);
  const { stdout } = await promisify(execFile)(process.execPath, [file, ...args], options);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.each([
  ['one RxJS', false],
  ['an RxJS each', true],
])('two copies of the package with %s', (name, withDependencies) => {
  let told: Map<unknown, unknown>;
  const failures: never[] = [];

  beforeAll(async () => {
    const copy = copyPackage(name.replaceAll(' ', '-'), withDependencies);
    told = new Map((await runNode('two-copies.mjs', copy)) as [unknown, unknown][]);
  }, 90_000);

  it('are two', () => {
    expect(told.get('two copies')).toBe(true);
  });

  it('have one runtime, which adopts the services of both, each once', () => {
    expect(told.get('one runtime')).toBe(true);
    const { started, waiting } = told.get('services') as Record<string, string[]>;
    expect([...started!].sort()).toEqual(['OfA', 'OfB', 'Plain', 'Plain#2', 'sub']);
    expect(waiting).toEqual([]);
  });

  it('know of each other’s attempts: a group of one runs on a runner of the other', () => {
    expect(told.get('a group of b on a runner of a')).toEqual({
      events: [
        'start group',
        'start group/first',
        'start group/second',
        'start group/second/leaf',
        'stopping group',
        'stopping group/second',
        'stopping group/second/leaf',
        'exit group/second/leaf stopped',
        'exit group/second stopped',
        'stopping group/first',
        'exit group/first stopped',
        'exit group stopped',
      ],
      failures,
    });
  });

  it('report an overdue member of the other’s group once, though its group fails with that', () => {
    expect(told.get('a member that is overdue and restarts')).toEqual({
      events: [
        'start group',
        'start group/member',
        'crash group/member',
        'overdue group/member',
        'exit group/member failed',
        'crash group',
        'exit group failed',
      ],
      failures: [expect.stringMatching(/^group\/member: OverdueError/)],
    });
  });

  it('know whose attempt is in charge: what one supervises inside a task of the other is its child', () => {
    expect(told.get('supervise of b inside a task of a')).toEqual({
      events: [
        'start outer',
        'start outer/inner',
        'crash outer/inner',
        'restart outer/inner',
        'start outer/inner',
        'exit outer/inner completed',
        'exit outer completed',
      ],
      failures,
    });
  });

  it('take each other’s StopRestarting for what it is', () => {
    expect(told.get('StopRestarting of b on a')).toEqual({
      events: ['start task', 'crash task', 'exit task failed'],
      failures: ['task: Error: enough'],
    });
  });

  it('run on each other’s flavours', () => {
    expect(told.get('flavours of b on a')).toEqual({
      events: ['start asap', 'exit asap completed', 'start async', 'exit async completed'],
      failures,
    });
  });

  it('run each other’s threaded payloads, on each other’s threads', () => {
    expect(told.get('threads of a')).toEqual([4]);
    expect(told.get('threads of b')).toEqual([4]);
    expect(told.get('a flavour of threads of b')).toEqual({
      events: [
        'start lengthOf',
        'exit lengthOf completed',
        'start nothing',
        'exit nothing completed',
      ],
      failures,
    });
  });
});

describe('the package by require and by import', () => {
  it('is one: one registry of services, one runtime', async () => {
    expect(await runNode('both-ways.cjs')).toEqual([[true, ['required', 'imported'], 2]]);
  });
});
