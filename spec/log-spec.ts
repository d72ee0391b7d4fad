import { createRequire } from 'node:module';
import { format } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Debug } from 'debug';
import { log } from '../src/log.js';

const debug = createRequire(import.meta.url)('debug') as Debug;

describe('log', () => {
  const { log: original } = debug;
  let lines: string[];

  beforeEach(() => {
    lines = [];
    debug.log = (...line: unknown[]) => lines.push(format(...line));
  });

  afterEach(() => {
    debug.log = original;
    debug.disable();
  });

  it('should say nothing unless it is asked to', () => {
    let isRead = false;
    log('spec')('%s', {
      toString: () => {
        isRead = true;
        return 'never formatted';
      },
    });

    expect(isRead).toBe(false);
    expect(lines).toEqual([]);
  });

  it('should say everything of its part when it is, in a namespace of its own', () => {
    const write = log('spec');
    debug.enable('rxvisor:spec');
    write('task "%s" failed: %o', 'tick', 'boom');

    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('rxvisor:spec');
    expect(lines[0]).toContain('task "tick" failed: ');
  });

  it('should say nothing of a part that nobody asks for', () => {
    debug.enable('rxvisor:other,somebody:else');
    log('spec')('nothing');

    expect(lines).toEqual([]);
  });

  it('should say nothing any more when nobody wants to see it any more', () => {
    const write = log('spec');
    debug.enable('rxvisor:*');
    write('one');
    debug.disable();
    write('two');

    expect(lines).toHaveLength(1);
  });
});
