import { Module, register } from 'node:module';
import { Socket } from 'node:net';
import { pathToFileURL } from 'node:url';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
import type { HookData } from './hooks.js';
import { isWatched } from './is-watched.js';
import { versionOf } from './version-of.js';
import { KEY, VARIABLE, sayToWatcher } from './wire.js';

// Loaded by `--import` before anything else in a watched daemon, and again in each of its threads.

if (isMainThread) takeOver();
const fd: unknown = getEnvironmentData(KEY);
if (typeof fd === 'number') watchModules(fd);

/** What else this process starts is not watched: it inherits neither the variable nor the preload. */
function takeOver(): void {
  const [report, leash] = (process.env[VARIABLE] ?? '').split(' ').map(Number);
  Reflect.deleteProperty(process.env, VARIABLE);
  const at = process.execArgv.indexOf(import.meta.url);
  if (at > 0) process.execArgv.splice(at - 1, 2);
  if (!report || !leash) return;
  setEnvironmentData(KEY, report);
  new Socket({ fd: leash, readable: true })
    .on('error', () => undefined)
    // The watcher is gone, and with it whoever would have stopped us.
    .on('close', () => process.kill(process.pid, 'SIGTERM'))
    .resume()
    .unref();
}

function watchModules(fd: number): void {
  const own = new URL('../../', import.meta.url).href;
  register<HookData>('./hooks.js', import.meta.url, { data: { fd, own } });
  watchRequired(own);
}

/** What is required doesn't come by the hooks. */
function watchRequired(own: string): void {
  const prototype = Module.prototype as unknown as { load: (path: string) => void };
  const { load } = prototype;
  prototype.load = function (path) {
    // tsx appends a query.
    const file = path.split('?')[0] ?? path;
    if (isWatched(pathToFileURL(file).href, own)) {
      sayToWatcher({ loaded: file, version: versionOf(file) });
    }
    load.call(this, path);
  };
}
