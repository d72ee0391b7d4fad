import { format } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { log } from '../src/log.js';

describe('log', () => {
  it('should have a namespace per part', () => {
    expect(log('runner').namespace).toBe('rxvisor:runner');
  });

  it('should say nothing unless it is asked to', () => {
    const lines: unknown[] = [];
    const debug = log('spec');
    debug.log = (...line: unknown[]) => lines.push(line);

    debug('%O', { never: 'formatted' });

    expect(debug.enabled).toBeFalsy();
    expect(lines).toEqual([]);
  });

  it('should say everything of its part when it is', () => {
    const lines: string[] = [];
    const debug = log('spec');
    debug.enabled = true;
    debug.log = (...line: unknown[]) => lines.push(format(...line));

    debug('task "%s" failed: %o', 'tick', 'boom');

    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('rxvisor:spec');
    expect(lines[0]).toContain('task "tick" failed: ');
  });
});
