import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What the walker comes across. */
export type Found =
  | { readonly type: 'file'; readonly path: string }
  | { readonly type: 'link'; readonly path: string }
  | { readonly type: 'problem'; readonly path: string; readonly error: unknown };

/**
 * Walks a tree, depth first, in the order of the names. Links aren't followed, so that no loop is
 * entered; one that leads nowhere is a problem, as a directory is that can't be listed.
 *
 * @param except  A folder that it stays out of: our own, which changes meanwhile.
 */
export async function* walk(root: string, except: string): AsyncGenerator<Found, void> {
  const ahead = [root];
  for (let folder = ahead.pop(); folder !== undefined; folder = ahead.pop()) {
    const folders: string[] = [];
    for (const entry of await list(folder)) {
      if (!Array.isArray(entry)) {
        yield entry;
        continue;
      }
      const [path, kind] = entry;
      if (path === except) continue;
      if (kind === 'folder') folders.push(path);
      else if (kind === 'file') yield { type: 'file', path };
      else yield await look(path);
    }
    ahead.push(...folders.reverse());
  }
}

type Entry = [path: string, kind: 'file' | 'folder' | 'link'];

async function list(folder: string): Promise<(Entry | Found)[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry): Entry[] => {
        const path = join(folder, entry.name);
        if (entry.isFile()) return [[path, 'file']];
        if (entry.isDirectory()) return [[path, 'folder']];
        // Sockets, pipes and devices have no content to take inventory of.
        return entry.isSymbolicLink() ? [[path, 'link']] : [];
      });
  } catch (error) {
    return [{ type: 'problem', path: folder, error }];
  }
}

async function look(path: string): Promise<Found> {
  try {
    await stat(path);
    return { type: 'link', path };
  } catch (error) {
    return { type: 'problem', path, error };
  }
}
