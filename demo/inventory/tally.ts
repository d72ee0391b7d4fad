import type { Digest } from './digest.js';

/** What could not be read, and why. */
export interface Problem {
  readonly path: string;
  readonly error: unknown;
}

/** Files of the same content. */
export interface Duplicates {
  readonly size: number;
  readonly paths: readonly string[];
  /** What would be free if only one of them were left; further names of one and the same file take no space. */
  readonly reclaimable: number;
}

/** The inventory so far. */
export class Tally {
  /** Files that the walker has come across, and whether it's done. */
  found = 0;
  isFoundAll = false;
  /** Files that have been digested. */
  files = 0;
  bytes = 0;
  links = 0;
  readonly problems: Problem[] = [];
  readonly #contents = new Map<string, { size: number; paths: string[]; inodes: Set<string> }>();

  add({ path, size, sha256, inode }: Digest): void {
    this.files++;
    this.bytes += size;
    if (size === 0) return;
    const content = this.#contents.get(sha256) ?? { size, paths: [], inodes: new Set() };
    this.#contents.set(sha256, content);
    content.paths.push(path);
    content.inodes.add(inode);
  }

  /** All groups of duplicates, those that waste most first. Empty files don't count. */
  duplicates(): Duplicates[] {
    return [...this.#contents.values()]
      .filter(({ paths }) => paths.length > 1)
      .map(({ size, paths, inodes }) => ({
        size,
        paths: paths.sort(),
        reclaimable: size * (inodes.size - 1),
      }))
      .sort((a, b) => b.reclaimable - a.reclaimable || b.size - a.size);
  }
}
