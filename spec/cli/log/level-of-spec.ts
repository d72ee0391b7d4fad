import { describe, expect, it } from '@jest/globals';
import { LEVELS, isSeen, levelOf } from '../../../src/cli/log/level-of.js';
import type { LifecycleEvent } from '../../../src/lifecycle/events.js';

const failure = { task: 'a', error: new Error('broken') };

/** Only what decides. */
const event = (fields: object) => fields as LifecycleEvent;
const adopt = { origin: 'adopt' };
const execute = { origin: 'execute' };

describe('levelOf', () => {
  it.each([
    ['info', { type: 'up' }],
    ['info', { type: 'start', ...adopt }],
    ['info', { type: 'ready', ...adopt }],
    ['warn', { type: 'crash', restarting: true, ...adopt }],
    ['error', { type: 'crash', restarting: false, ...adopt }],
    ['debug', { type: 'stopping', ...adopt }],
    ['error', { type: 'overdue', ...adopt }],
    ['warn', { type: 'restart', cause: 'crash', ...adopt }],
    ['warn', { type: 'restart', cause: 'sibling', ...adopt }],
    ['info', { type: 'restart', cause: 'complete', ...adopt }],
    ['info', { type: 'restart', cause: 'manual', ...adopt }],
    ['info', { type: 'exit', outcome: 'completed', ...adopt }],
    ['info', { type: 'exit', outcome: 'stopped', ...adopt }],
    ['error', { type: 'exit', outcome: 'stopped', error: undefined, ...adopt }],
    ['error', { type: 'exit', outcome: 'failed', error: undefined, ...adopt }],
    ['error', { type: 'backend-down', backend: 'default' }],
    ['info', { type: 'backend-up', backend: 'default' }],
    ['info', { type: 'shutdown' }],
    ['info', { type: 'down', report: { failures: [] } }],
    ['error', { type: 'down', report: { failures: [failure] } }],
    ['debug', { type: 'start', ...execute }],
    ['debug', { type: 'crash', restarting: false, ...execute }],
    ['debug', { type: 'exit', outcome: 'failed', error: undefined, ...execute }],
    // Work that was abandoned is nobody's success, whoever asked for it.
    ['error', { type: 'overdue', ...execute }],
  ])('should be %s of %j', (level, fields) => {
    expect(levelOf(event(fields))).toBe(level);
  });
});

describe('isSeen', () => {
  it('should let the graver ones through, and those of the level itself', () => {
    const seen = (wanted: (typeof LEVELS)[number]) =>
      LEVELS.filter((level) => isSeen(level, wanted));

    expect(seen('error')).toEqual(['error']);
    expect(seen('warn')).toEqual(['error', 'warn']);
    expect(seen('info')).toEqual(['error', 'warn', 'info']);
    expect(seen('debug')).toEqual(['error', 'warn', 'info', 'debug']);
  });
});
