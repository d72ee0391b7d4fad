import type { HelpCommand } from './arguments.js';

const USAGE = `Usage: rxvisor run [options] <module…> [-- args…]
       rxvisor check <module…> [-- args…]
       rxvisor --help | --version
`;

const GENERAL = `${USAGE}
Runs modules as a daemon: their tasks are supervised, narrated and stopped gracefully.

Commands:
  run      import the modules inside a running daemon, until stopped or until all tasks have ended
  check    import the modules without running anything, and say what they would run

A module (.js, .mjs, .cjs, .ts) adopts by itself (runtime.adopt(), new of a @service), or exports by
default what is to be adopted: a function, an Observable, a threaded payload, a group, or a list of
{ name, payload, … }, which becomes a group.

rxvisor run --help tells the options and the exit codes.
`;

const RUN = `Usage: rxvisor run [options] <module…> [-- args…]

Imports each module inside a running daemon and adopts what it exports by default. What follows --
is in process.argv of the modules.

Options:
  --log pretty|json|silent           how the lifecycle is written  (pretty)
  --log-level error|warn|info|debug  how much of it  (info)
  --log-target FILE|stdout|stderr    where to  (stderr); a file is opened anew when it was moved
  --keep-alive                       go on when everything has ended, until stopped
  --watch                            restart gracefully when a module, or what it imports, changes
  -h, --help    -v, --version

Signals:
  SIGTERM, SIGINT  stop gracefully; a second one at once
  SIGHUP           opens the file of --log-target anew; without one it ends the process, as ever

Exit codes:
  0      stopped as asked, or all done
  1      a task failed, or something was thrown that nobody caught
  2      called in a wrong way, or a module can't be loaded or has nothing to run
  3      nothing failed, but something was not over in time
  128+n  a second signal

Environment:
  DEBUG                  shows the whole stack of a module that can't be loaded
  NO_COLOR, FORCE_COLOR  no colours, colours
  NOTIFY_SOCKET          under systemd: tells READY, STATUS, STOPPING and WATCHDOG
`;

const CHECK = `Usage: rxvisor check <module…> [-- args…]

Imports the modules without running anything, and says on stdout what they would run.

Exit codes:
  0      they can be loaded and have something to run
  2      they can't, or haven't
`;

/** What is said when nothing was asked for. */
export const usage: string = USAGE;

/** The text of `--help`. */
export function help({ topic }: HelpCommand): string {
  if (topic === 'run') return RUN;
  return topic === 'check' ? CHECK : GENERAL;
}
