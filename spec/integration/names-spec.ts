import { describe, expect, it } from '@jest/globals';
import * as rxvisor from 'rxvisor';

// A bundler renames what is called like something else in the same file; tasks are called after functions.
describe('the built package', () => {
  it('should call functions and classes as they are exported', () => {
    const wrong = Object.entries(rxvisor)
      .filter(([key, value]) => typeof value === 'function' && value.name !== key)
      .map(([key]) => key);

    expect(wrong).toEqual([]);
  });

  it('should call a group what it is', () => {
    expect(rxvisor.group([]).name).toBe('group');
  });
});
