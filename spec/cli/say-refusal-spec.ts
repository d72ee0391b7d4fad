import { describe, expect, it } from '@jest/globals';
import { sayRefusal } from '../../src/cli/say-refusal.js';
import { UsageError } from '../../src/errors.js';

describe('sayRefusal', () => {
  it('should say in one line whatever a file is called, and a module throws', () => {
    expect(sayRefusal(new UsageError('a\r\n\u001b[2Jb.mjs: it\n  broke\u0007'), {})).toBe(
      'a \ufffd[2Jb.mjs: it broke\ufffd',
    );
    expect(sayRefusal({ message: 3 }, {})).toBe('{ message: 3 }');
  });

  it('should add the stack of the reason if somebody debugs', () => {
    const cause = Object.assign(new Error('why'), { stack: 'Error: why\n    at a\u001b[2J.mjs' });
    const error = new UsageError('a.mjs: Error: why', { cause });

    expect(sayRefusal(error, { DEBUG: '*' })).toBe(
      'a.mjs: Error: why\nError: why\n    at a\ufffd[2J.mjs',
    );
  });
});
