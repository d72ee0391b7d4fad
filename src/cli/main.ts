#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { peek, show } from '../show.js';
import { type Command, toCommand } from './arguments.js';
import { DONE, FAILED, REFUSED } from './exit-code.js';
import { flush } from './flush.js';
import { help, usage } from './help.js';
import { sayRefusal } from './say-refusal.js';

// The command: arguments in, exit code out. Nothing else ends the process, and that only when all
// that was written has been read: a user's handles may be left that would keep it.

void main(process.argv.slice(2)).then(leave);

async function main(argv: readonly string[]): Promise<number> {
  let command: Command;
  try {
    command = toCommand(argv);
  } catch (error) {
    const text =
      argv.length === 0 ? usage : `rxvisor: ${sayRefusal(error)}\nrxvisor --help tells more\n`;
    await write(process.stderr, text);
    return REFUSED;
  }
  try {
    return await perform(command);
  } catch (error) {
    const isRefusal = peek(error, 'code') === 'ERR_RXVISOR_USAGE';
    await write(process.stderr, `rxvisor: ${isRefusal ? sayRefusal(error) : show(error)}\n`);
    return isRefusal ? REFUSED : FAILED;
  }
}

/** What listens to `exit` may throw; the second time nobody is asked. */
function leave(code: number): void {
  try {
    process.exit(code);
  } catch (error) {
    process.stderr.write(`rxvisor: thrown as the process ended: ${show(error)}\n`);
    process.exit(code === DONE ? FAILED : code);
  }
}

async function perform(command: Command): Promise<number> {
  switch (command.name) {
    case 'help':
      return write(process.stdout, help(command));
    case 'version':
      return write(process.stdout, `${version()}\n`);
    case 'check':
      return (await import('./check.js')).check(command);
    case 'run':
      if (command.watch) return (await import('./watch/watch.js')).watch(command);
      return (await import('./run.js')).run(command);
  }
}

async function write(stream: NodeJS.WriteStream, text: string): Promise<number> {
  stream.on('error', () => undefined);
  stream.write(text);
  await flush([stream]);
  return 0;
}

function version(): string {
  const path = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
