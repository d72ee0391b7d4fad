import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isForeign, toFrame, trimStack } from '../../src/cli/stack.js';

const ROOT = join(import.meta.dirname, '../..');

describe('toFrame', () => {
  it.each([
    ['    at poll (file:///app/poller.mjs:12:3)', '/app/poller.mjs', 12],
    ['    at file:///app/with%20space/x.mjs:1:2', '/app/with space/x.mjs', 1],
    ['    at async Promise.all (index 0)', undefined, undefined],
    ['    at async run (/app/x.cjs:3:4)', '/app/x.cjs', 3],
    ['    at <anonymous> (/app/x.ts:6:20)', '/app/x.ts', 6],
    ['    at new Poller (/app/(odd)/x.js:7:1)', '/app/(odd)/x.js', 7],
    ['    at ModuleJob.run (node:internal/modules/esm/module_job:325:25)', undefined, undefined],
    ['Error: at (/app/x.js:1:1)', undefined, undefined],
  ])('should read %j', (text, file, line) => {
    expect(toFrame(text)).toEqual(file === undefined ? undefined : { file, line });
  });
});

describe('isForeign', () => {
  it('should know packages, and this one wherever it is', () => {
    expect(isForeign('/app/node_modules/pg/index.js')).toBe(true);
    expect(isForeign(join(ROOT, 'dist/chunks/x.js'))).toBe(true);
    expect(isForeign(join(ROOT, 'src/runner/life.ts'))).toBe(true);
    expect(isForeign(join(ROOT, 'demo/daemon.ts'))).toBe(false);
    expect(isForeign('/app/src/poller.ts')).toBe(false);
  });
});

describe('trimStack', () => {
  const stack = (...frames: string[]) =>
    ['Error: broken', ...frames.map((frame) => `    at ${frame}`)].join('\n');

  it('should cut off the machinery below, and nothing above a line of somebody else', () => {
    const ours = `enter (${join(ROOT, 'dist/chunks/x.js')}:1:1)`;
    const mine = 'poll (file:///app/poller.mjs:1:1)';
    const theirs = 'query (/app/node_modules/pg/index.js:1:1)';
    const rxjs = 'AsyncAction.execute (/app/node_modules/rxjs/dist/cjs/x.js:1:1)';
    const node = 'process.processTicksAndRejections (node:internal/process/task_queues:95:5)';

    expect(trimStack(stack(theirs, mine, node, ours, rxjs))).toBe(stack(theirs, mine));
    expect(trimStack(stack(ours, mine, ours, node))).toBe(stack(ours, mine));
    expect(trimStack(stack(ours, theirs, node))).toBe(stack(ours, theirs));
    const hooks = 'AsyncResource.runInAsyncScope (node:async_hooks:206:9)';
    expect(trimStack(stack(ours, node))).toBe('Error: broken');
    expect(trimStack(stack(mine, node, hooks))).toBe(stack(mine));
    expect(trimStack(stack('TCPConnectWrap.afterConnect (node:net:1555:16)'))).toBe(
      stack('TCPConnectWrap.afterConnect (node:net:1555:16)'),
    );
  });
});
