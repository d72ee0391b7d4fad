// A guest in a NestJS application, which owns the process: the runner begins when the application has
// booted and stops as it closes; a task that fails for good closes it. No handler, no exit, no global.
import 'reflect-metadata';
import {
  type BeforeApplicationShutdown,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { concat, interval, take, throwError } from 'rxjs';
import { type Report, Runner, type RunnerFailedError, type TaskContext } from 'rxvisor';

class Tasks implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly runner = new Runner();
  ended: Promise<Report> | undefined;

  onApplicationBootstrap(): void {
    this.ended = this.runner.run();
  }

  // Nest awaits it before it closes its connections: tasks may use them to the last.
  async beforeApplicationShutdown(signal = 'close()'): Promise<void> {
    await this.runner.shutdown(`the application closes: ${signal}`);
  }
}

class Poller {
  constructor({ runner }: Tasks) {
    runner.adopt(this.poll$, { name: 'poll' }).subscribe((n) => console.log('polled', n));
    runner.adopt(this.hold, { name: 'connection' });
  }

  readonly poll$ = concat(
    interval(10).pipe(take(2)),
    throwError(() => new Error('disk full')),
  );

  readonly hold = async ({ signal, onTeardown }: TaskContext) => {
    onTeardown(() => console.log('disconnected'));
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  };
}
Reflect.defineMetadata('design:paramtypes', [Tasks], Poller); // what @Injectable() does

const module = { module: Tasks, providers: [Tasks, Poller] }; // @Module(…)
Logger.overrideLogger(['error']);
const app = await NestFactory.createApplicationContext(module);
// app.enableShutdownHooks() has it closed by SIGTERM, too.
await app.get(Tasks).ended?.catch((error: unknown) => {
  console.log(String((error as RunnerFailedError).cause));
});
await app.close();
console.log('closed, and the runner is', app.get(Tasks).runner.state);

// Output:
// polled 0
// polled 1
// disconnected
// Error: disk full
// closed, and the runner is stopped
