import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartWatch } from '../../../src/thread/outside/start-watch.js';

// It's armed with a timer of Node's, which is never virtual.
const SHORT = 20;
const LONGER = 60;

describe('StartWatch', () => {
  const expired = jest.fn<() => void>();
  let watch: StartWatch;

  beforeEach(() => {
    expired.mockClear();
    watch = new StartWatch(SHORT, expired);
  });

  afterEach(() => {
    watch.stop();
  });

  it('should do nothing before it begins', async () => {
    await sleep(LONGER);

    expect(expired).not.toHaveBeenCalled();
  });

  it('should tell once of a start that takes too long', async () => {
    watch.begin();
    await sleep(LONGER);

    expect(expired).toHaveBeenCalledTimes(1);
  });

  it('should tell nothing of a start that was in time', async () => {
    watch.begin();
    watch.end();
    await sleep(LONGER);

    expect(expired).not.toHaveBeenCalled();
  });

  it('should watch over several, until all of them have started', async () => {
    watch.begin();
    watch.begin();
    watch.end();
    await sleep(LONGER);

    expect(expired).toHaveBeenCalledTimes(1);
  });

  it('should watch again over the next one', async () => {
    watch.begin();
    watch.end();
    watch.begin();
    await sleep(LONGER);

    expect(expired).toHaveBeenCalledTimes(1);
  });

  it('should tell nothing any more once it was stopped, whatever is under way', async () => {
    watch.begin();
    watch.begin();
    watch.stop();
    await sleep(LONGER);

    expect(expired).not.toHaveBeenCalled();
  });
});
