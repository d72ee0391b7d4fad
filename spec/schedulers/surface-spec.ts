import { afterEach, describe, expect, it } from '@jest/globals';
import { config } from 'rxjs';
import { surface } from '../../src/schedulers/surface.js';

describe('surface', () => {
  const before = config.onUnhandledError;

  afterEach(() => {
    config.onUnhandledError = before;
  });

  it.each([new Error('boom'), 'boom', null, undefined])(
    'should hand %p to config.onUnhandledError, on a later tick',
    async (error) => {
      const surfaced: unknown[] = [];
      const seen = new Promise<void>((resolve) => {
        config.onUnhandledError = (each) => {
          surfaced.push(each);
          resolve();
        };
      });

      surface(error);
      expect(surfaced).toEqual([]);
      await seen;

      expect(surfaced).toHaveLength(1);
      expect(surfaced[0]).toBe(error);
    },
  );
});
