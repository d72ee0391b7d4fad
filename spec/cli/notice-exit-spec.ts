import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { noticeExit } from '../../src/cli/notice-exit.js';

describe('noticeExit', () => {
  it('should say so when the process is ended, until it is left', () => {
    const source = new EventEmitter();
    const said: unknown[] = [];
    const log = { say: (...all: unknown[]) => said.push(all) };
    const leave = noticeExit({ log }, source);
    source.emit('exit', 7);
    leave();
    source.emit('exit', 0);

    expect(said).toEqual([
      ['error', 'process.exit() was called, with 7: what still ran was not stopped'],
    ]);
    expect(source.listenerCount('exit')).toBe(0);
  });
});
