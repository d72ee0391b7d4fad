import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Architecture, countCode, findViolations } from './support/architecture.js';

const SRC = join(import.meta.dirname, '../src');

/** The architecture: a part knows itself and the layers below its own, not the others of its layer. */
const ARCHITECTURE: Architecture = {
  layers: [
    ['report'],
    ['show', 'shared'],
    ['errors', 'log'],
    ['task', 'lifecycle', 'signals', 'schedulers'],
    ['supervise', 'thread'],
    ['flavours'],
    ['runner'],
    ['group', 'observability', 'service', 'backends'],
    ['testing', 'broker'],
    ['cli', 'index'],
  ],
  packages: {
    rxjs: ['*'],
    'rxjs-for-await': ['index'],
    debug: ['log'],
    'node:util': ['cli', 'show', 'task', 'thread'],
    'node:path': ['cli', 'task/threaded'],
    'node:url': ['cli', 'task/threaded'],
    'node:events': ['cli', 'runner/context', 'broker/heartbeats/beat-on-thread'],
    'node:tty': ['runner/stop-on'],
    'node:perf_hooks': ['schedulers', 'thread'],
    // Time is a scheduler's matter. The first two hold, and yield to, the event loop
    // itself; what becomes of a thread is never virtual.
    'node:timers': [
      'runner/keep-alive',
      'schedulers/asap-scheduler',
      'thread',
      'broker/heartbeats/beat',
      'broker/heartbeats/entry',
    ],
    // Of the task, only the type of what can be moved.
    'node:worker_threads': [
      'thread',
      'task/transfer',
      'broker/start-thread',
      'broker/embedded/database-thread',
      'broker/embedded/entry',
      'broker/heartbeats/beat-on-thread',
      'broker/heartbeats/entry',
      'cli/watch/preload',
      'cli/watch/wire',
    ],
    'node:net': ['cli/watch/preload'],
    'node:readline': ['cli/watch/child'],
    'node:assert/strict': ['testing'],
    'node:crypto': ['broker'],
    pg: ['broker/pg-boss', 'broker/heartbeats/entry'],
    'node:timers/promises': ['testing'],
    'node:stream': ['cli', 'thread'],
    'node:os': ['cli', 'thread/options'],
    'node:fs': [
      'cli',
      'broker/embedded/data-folder',
      'broker/embedded/lock-file',
      'broker/embedded/process-mark',
    ],
    'node:child_process': ['cli', 'broker/embedded/process-mark'],
    // What a thread loads only if it's needed there, and then at once.
    'node:module': [
      'cli',
      'log',
      'broker/pg-boss',
      'broker/heartbeats/entry',
      'log',
      'thread/inside/children',
      'thread/inside/subscribe-here',
    ],
    '#thread-children': ['thread/inside/children'],
    'node:process': ['cli', 'thread/entry'],
    // In a thread it ends the thread.
    'process.exit': ['cli', 'thread/entry'],
  },
};

const MOST_CODE = 150;

const sources = Object.fromEntries(
  readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => [
      file.replaceAll('\\', '/').replace(/\.ts$/, ''),
      readFileSync(join(SRC, file), 'utf8'),
    ]),
);

describe('the architecture', () => {
  it('should hold: imports go down only, never in a circle, and packages stay where they belong', () => {
    expect(findViolations(sources, ARCHITECTURE)).toEqual([]);
  });

  it('should list no part that does not exist', () => {
    const parts = new Set(Object.keys(sources).map((file) => file.split('/')[0]));

    expect(ARCHITECTURE.layers.flat().filter((part) => !parts.has(part))).toEqual([]);
  });

  it(`should keep every file within ${MOST_CODE} lines of code`, () => {
    const long = Object.entries(sources)
      .map(([file, text]) => ({ file, lines: countCode(text) }))
      .filter(({ lines }) => lines > MOST_CODE);

    expect(long).toEqual([]);
  });
});

describe('the check of the architecture', () => {
  const house: Architecture = {
    layers: [['cellar'], ['kitchen', 'hall'], ['roof'], ['index']],
    packages: {
      rxjs: ['*'],
      debug: ['cellar'],
      'node:timers': ['hall/clock'],
      'process.exit': ['roof'],
    },
  };
  const check = (files: Record<string, string>) => findViolations(files, house);

  it('should accept imports from below, from the same part, and of packages in their place', () => {
    const files = {
      'cellar/wine': `import debug from 'debug';`,
      'hall/clock': `import { setTimeout } from 'node:timers';`,
      'kitchen/oven': `import { of } from 'rxjs'; import { wine } from '../cellar/wine.js';`,
      'kitchen/cook': `import { oven } from './oven.js';`,
      'roof/bell': `import type { Cook } from '../kitchen/cook.js'; process.exit(1);`,
      index: `export { bell } from './roof/bell.js';`,
    };

    expect(check(files)).toEqual([]);
  });

  it.each([
    ['an import', `import { bell } from '../roof/bell.js';`],
    ['a type import', `import type { Bell } from '../roof/bell.js';`],
    ['an import for its effects', `import '../roof/bell.js';`],
    ['a re-export', `export { bell } from '../roof/bell.js';`],
    ['a re-export of types', `export type * from '../roof/bell.js';`],
    ['an import while running', `const bell = await import('../roof/bell.js');`],
    ['a type in place', `let bell: import('../roof/bell.js').Bell;`],
  ])('should refuse what is above: %s', (_, text) => {
    expect(check({ 'cellar/wine': text, 'roof/bell': '' })).toEqual([
      'cellar/wine imports roof/bell, which is above it',
    ]);
  });

  it('should refuse what is beside', () => {
    expect(check({ 'kitchen/oven': `import '../hall/clock.js';`, 'hall/clock': '' })).toEqual([
      'kitchen/oven imports hall/clock, which is beside it',
    ]);
  });

  it('should refuse the index below itself', () => {
    expect(check({ 'roof/bell': `import '../index.js';`, index: '' })).toEqual([
      'roof/bell imports index, which is above it',
    ]);
  });

  it('should refuse a part without a layer, and what is imported from it', () => {
    expect(check({ 'shed/rake': '', 'roof/bell': `import '../shed/rake.js';` })).toEqual([
      'shed/rake is of no part that has a layer',
      'roof/bell imports shed/rake, which is above it',
    ]);
  });

  it('should refuse a circle of two, of types too', () => {
    const files = {
      'hall/clock': `import { door } from './door.js';`,
      'hall/door': `import type { Clock } from './clock.js';`,
    };

    expect(check(files)).toEqual(['a cycle: hall/clock -> hall/door -> hall/clock']);
  });

  it('should refuse a circle of three that is reached from outside', () => {
    const files = {
      'hall/a': `import './b.js';`,
      'hall/b': `import './c.js';`,
      'hall/c': `import './d.js';`,
      'hall/d': `import './b.js';`,
    };

    expect(check(files)).toEqual(['a cycle: hall/b -> hall/c -> hall/d -> hall/b']);
  });

  it('should refuse a file that imports itself', () => {
    expect(check({ 'hall/clock': `import './clock.js';` })).toEqual([
      'a cycle: hall/clock -> hall/clock',
    ]);
  });

  it.each([
    ['a package out of its part', 'debug'],
    ['a package out of its file', 'node:timers'],
    ['a package that is not listed', 'left-pad'],
    ['a path into a package', 'rxjs/internal/Observable'],
  ])('should refuse %s', (_, name) => {
    expect(check({ 'hall/door': `import type { x } from '${name}';` })).toEqual([
      `hall/door imports the package ${name}, which it may not use`,
    ]);
  });

  it('should refuse the use of a global out of its part, and not its mention', () => {
    const files = {
      'hall/door': `/** Never process.exit. */ const said = 'process.exit'; // process.exit`,
      'hall/clock': `const leave = process.exit;`,
    };

    expect(check(files)).toEqual(['hall/clock uses process.exit, which it may not']);
  });

  it('should count lines that hold code', () => {
    const text = [
      '/**',
      ' * A comment.',
      ' */',
      'const a = `one', // 1
      '',
      'three`;', // 2, 3
      '',
      '// another',
      'f(a); /* and', // 4
      'another */',
      '}', // 5
    ].join('\n');

    expect(countCode(text)).toBe(5);
  });
});
