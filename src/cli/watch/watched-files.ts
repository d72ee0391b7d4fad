import { type FSWatcher, watch as watchFolder } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  type Observable,
  type SchedulerLike,
  Subject,
  asyncScheduler,
  buffer,
  debounceTime,
  map,
} from 'rxjs';
import { versionOf } from './version-of.js';

/** How long a burst of changes must have been over, in ms. */
const QUIET = 100;

/** What is seen of a folder: the name of an entry that has changed, if that is known. */
type Watch = (folder: string, listener: (type: string, name: string | null) => void) => Watcher;
type Watcher = Pick<FSWatcher, 'close' | 'on'>;

interface World {
  readonly watch: Watch;
  readonly versionOf: (path: string) => string;
  readonly scheduler: SchedulerLike;
}

const THIS_WORLD: World = { watch: watchFolder, versionOf, scheduler: asyncScheduler };

/**
 * Sees when one of some files changes, appears or vanishes. It's their folders that are watched: a
 * file that is saved by renaming another is a new one. A folder that isn't there is looked for
 * whenever something happens in the next one above.
 */
export class WatchedFiles {
  /** The files that have changed, once for each burst of changes. */
  readonly changes$: Observable<readonly string[]>;
  readonly #world: World;
  readonly #changed = new Subject<string>();
  readonly #versions = new Map<string, string>();
  readonly #folders = new Map<string, Watcher>();

  constructor(world: World = THIS_WORLD) {
    this.#world = world;
    const quiet$ = this.#changed.pipe(debounceTime(QUIET, world.scheduler));
    this.changes$ = this.#changed.pipe(
      buffer(quiet$),
      map((paths) => [...new Set(paths)]),
    );
  }

  /** @param version  Its state when it was loaded: if it's another by now, it has changed. @default its state now */
  add(path: string, version: string = this.#world.versionOf(path)): void {
    this.#versions.set(path, version);
    this.#watch(dirname(path));
    this.#look(path);
  }

  /** Forgets all files. */
  clear(): void {
    this.#versions.clear();
    for (const watcher of this.#folders.values()) watcher.close();
    this.#folders.clear();
  }

  #watch(folder: string): void {
    if (this.#folders.has(folder)) return;
    try {
      const watcher = this.#world.watch(folder, (_type, name) => {
        this.#seen(folder, name);
      });
      this.#folders.set(folder, watcher);
      watcher.on('error', () => {
        this.#lose(folder);
      });
    } catch (error: unknown) {
      const above = dirname(folder);
      if (above === folder) throw error;
      this.#watch(above);
    }
  }

  #seen(folder: string, name: string | null): void {
    // The folder itself has been removed or renamed: what is watched is none that is there.
    if (name === null || name === basename(folder)) this.#lose(folder);
    const concerned = [...this.#versions.keys()].filter((path) => {
      const isNamed = name === null || path === join(folder, name);
      return isNamed || !this.#folders.has(dirname(path));
    });
    for (const path of concerned) {
      this.#watch(dirname(path));
      this.#look(path);
    }
  }

  #lose(folder: string): void {
    this.#folders.get(folder)?.close();
    this.#folders.delete(folder);
  }

  #look(path: string): void {
    const version = this.#world.versionOf(path);
    if (this.#versions.get(path) === version) return;
    this.#versions.set(path, version);
    this.#changed.next(path);
  }
}
