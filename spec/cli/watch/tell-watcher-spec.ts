import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setEnvironmentData } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { tellWatcher } from '../../../src/cli/watch/tell-watcher.js';
import { KEY, sayToWatcher } from '../../../src/cli/watch/wire.js';
import type { LifecycleEvent } from '../../../src/lifecycle/events.js';

let folder = '';
let fd = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxvisor-wire-'));
  fd = openSync(join(folder, 'said'), 'w');
  setEnvironmentData(KEY, fd);
});

afterEach(() => {
  setEnvironmentData(KEY, undefined);
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

const said = () => readFileSync(join(folder, 'said'), 'utf8');
const event = (type: string) => ({ type }) as LifecycleEvent;

describe('tellWatcher', () => {
  it('should tell the watcher once when the runner begins to stop, and not before', () => {
    const events$ = new Subject<LifecycleEvent>();
    tellWatcher({ runner: { events$, tasks: () => [] } });
    events$.next(event('up'));
    expect(said()).toBe('');
    events$.next(event('shutdown'));
    events$.next(event('shutdown'));
    expect(said()).toBe('{"stopping":true}\n');
  });

  it('should listen no longer when it is left', () => {
    const events$ = new Subject<LifecycleEvent>();
    tellWatcher({ runner: { events$, tasks: () => [] } })();

    expect(events$.observed).toBe(false);
  });
});

describe('sayToWatcher', () => {
  it('should say nothing where nobody watches', () => {
    setEnvironmentData(KEY, undefined);
    sayToWatcher({ stopping: true });

    expect(said()).toBe('');
  });

  it('should say each thing on a line of its own', () => {
    sayToWatcher({ loaded: '/a\nb', version: '1' });
    sayToWatcher({ stopping: true });

    expect(said()).toBe('{"loaded":"/a\\nb","version":"1"}\n{"stopping":true}\n');
  });
});
