import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { VirtualTimeScheduler } from 'rxjs';
import { WatchedFiles } from '../../../src/cli/watch/watched-files.js';

/** A disk of files and their versions, in folders that can be watched. */
function setUp() {
  const scheduler = new VirtualTimeScheduler();
  const disk = new Map<string, string>();
  const folders = new Set(['/', '/a', '/a/b']);
  const watched = new Map<string, (type: string, name: string | null) => void>();
  const emitters = new Map<string, EventEmitter>();
  const files = new WatchedFiles({
    versionOf: (path) => disk.get(path) ?? 'none',
    watch: (folder, listener) => {
      if (!folders.has(folder)) throw new Error(`ENOENT ${folder}`);
      if (watched.has(folder)) throw new Error(`${folder} is watched twice`);
      watched.set(folder, listener);
      const close = () => watched.delete(folder);
      const emitter = Object.assign(new EventEmitter(), { close });
      emitters.set(folder, emitter);
      return emitter as never;
    },
    scheduler,
  });
  const changes: (readonly string[])[] = [];
  files.changes$.subscribe((paths) => changes.push(paths));
  /** Writes a file, as its folder sees it; `undefined` removes it. */
  const write = (path: string, version: string | undefined) => {
    if (version === undefined) disk.delete(path);
    else disk.set(path, version);
    const at = path.lastIndexOf('/');
    watched.get(path.slice(0, at) || '/')?.('change', path.slice(at + 1));
  };
  const pass = (time: number) => {
    scheduler.maxFrames = scheduler.now() + time;
    scheduler.schedule(() => {}, time);
    scheduler.flush();
  };
  return { files, disk, folders, watched, emitters, changes, write, pass };
}

describe('WatchedFiles', () => {
  it('should watch nothing before there is a file to watch', () => {
    const { watched, changes, pass } = setUp();
    pass(1_000);

    expect(watched.size).toBe(0);
    expect(changes).toEqual([]);
  });

  it('should tell that a file has changed, when all has been quiet for a moment', () => {
    const { files, disk, changes, write, pass } = setUp();
    disk.set('/a/x.mjs', '1');
    files.add('/a/x.mjs', '1');
    write('/a/x.mjs', '2');
    expect(changes).toEqual([]);
    pass(100);
    expect(changes).toEqual([['/a/x.mjs']]);
  });

  it('should tell a burst of changes once, each file once', () => {
    const { files, changes, write, pass } = setUp();
    for (const path of ['/a/x', '/a/y', '/a/b/z']) files.add(path);
    write('/a/x', '1');
    pass(50);
    write('/a/b/z', '1');
    pass(99);
    write('/a/x', '2');
    pass(100);
    expect(changes).toEqual([['/a/x', '/a/b/z']]);
    write('/a/y', '1');
    pass(100);
    expect(changes.slice(1)).toEqual([['/a/y']]);
  });

  it('should not tell of other files of the folder, nor of one that is as it was', () => {
    const { files, disk, changes, write, pass } = setUp();
    disk.set('/a/x', '1');
    files.add('/a/x', '1');
    write('/a/other', '5');
    write('/a/x', '1');
    pass(1_000);

    expect(changes).toEqual([]);
  });

  it('should tell of a file that is saved by renaming another, that vanishes, that appears', () => {
    const { files, disk, changes, write, pass } = setUp();
    disk.set('/a/x', 'inode 1');
    files.add('/a/x', 'inode 1');
    files.add('/a/new', 'none');
    write('/a/x.tmp', 'inode 2');
    write('/a/x', 'inode 2');
    pass(100);
    write('/a/x', undefined);
    pass(100);
    write('/a/new', 'inode 3');
    pass(100);

    expect(changes).toEqual([['/a/x'], ['/a/x'], ['/a/new']]);
  });

  it('should tell of a file that has changed between being loaded and being watched', () => {
    const { files, disk, changes, pass } = setUp();
    disk.set('/a/x', '2');
    files.add('/a/x', '1');
    pass(100);

    expect(changes).toEqual([['/a/x']]);
  });

  it('should look at all files of a folder when it is not said which has changed', () => {
    const { files, disk, watched, changes, pass } = setUp();
    files.add('/a/x');
    files.add('/a/y');
    disk.set('/a/y', '1');
    watched.get('/a')!('change', null);
    pass(100);

    expect(changes).toEqual([['/a/y']]);
  });

  it('should look for a folder that is not there, and tell of all files in it when it comes', () => {
    const { files, disk, folders, watched, changes, write, pass } = setUp();
    files.add('/a/c/d/x');
    files.add('/a/c/d/y');
    expect([...watched.keys()]).toEqual(['/a']);
    for (const folder of ['/a/c', '/a/c/d']) folders.add(folder);
    disk.set('/a/c/d/y', '1');
    write('/a/c', 'folder');
    pass(100);
    expect(changes).toEqual([['/a/c/d/y']]);
    write('/a/c/d/x', '1');
    pass(100);
    expect(changes.slice(1)).toEqual([['/a/c/d/x']]);
  });

  it('should notice that a folder is removed, and find the one that comes in its place', () => {
    const { files, disk, folders, watched, changes, write, pass } = setUp();
    disk.set('/a/b/x', '1');
    files.add('/a/b/x', '1');
    files.add('/a/main');
    folders.delete('/a/b');
    disk.delete('/a/b/x');
    watched.get('/a/b')!('rename', 'b');
    pass(100);
    expect(changes).toEqual([['/a/b/x']]);
    expect([...watched.keys()]).toEqual(['/a']);
    folders.add('/a/b');
    disk.set('/a/b/x', '2');
    write('/a/b', 'folder');
    pass(100);
    expect(changes.slice(1)).toEqual([['/a/b/x']]);
    expect([...watched.keys()]).toEqual(['/a', '/a/b']);
  });

  it('should survive a folder that can no longer be watched', () => {
    const { files, watched, emitters, changes, write, pass } = setUp();
    files.add('/a/b/x');
    files.add('/a/y');
    emitters.get('/a/b')!.emit('error', new Error('EPERM'));
    expect([...watched.keys()]).toEqual(['/a']);
    write('/a/b', 'again');
    write('/a/b/x', '1');
    pass(100);

    expect(changes).toEqual([['/a/b/x']]);
  });

  it('should forget all files, and let go of their folders', () => {
    const { files, disk, watched, changes, pass } = setUp();
    files.add('/a/x');
    files.add('/a/b/y');
    const seen = watched.get('/a')!;
    files.clear();
    disk.set('/a/x', '1');
    seen('change', 'x');
    pass(1_000);

    expect(watched.size).toBe(0);
    expect(changes).toEqual([]);
  });
});
