// A group holds tasks that belong together: started in order, each when those it needs are ready,
// supervised apart, so that a crash touches no sibling, and stopped in reverse.
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Runner, type TaskContext, constant, group } from 'rxvisor';

/** Takes a moment to be ready, then serves until it's asked to stop. */
const server =
  (warmUp: number) =>
  async ({ signal, ready }: TaskContext) => {
    await setTimeout(warmUp, undefined, { signal });
    ready();
    await once(signal, 'abort');
  };

async function mailer({ attempt }: TaskContext): Promise<void> {
  await setTimeout(5);
  if (attempt === 1) throw new Error('greylisted');
}

const runner = new Runner();
runner.events$.subscribe((event) => {
  if ('task' in event) console.log(event.type.padEnd(8), event.task);
  if (event.type === 'exit' && event.task === 'shop/mailer')
    void runner.shutdown('all mail is out');
});
runner.adopt(
  group([
    { name: 'mailer', payload: mailer, after: ['api'], backoff: constant(5) },
    { name: 'api', payload: server(5), after: ['database'], awaitReady: true },
    { name: 'database', payload: server(10), awaitReady: true },
  ]),
  { name: 'shop' },
);
await runner.run();

// Output:
// start    shop
// start    shop/database
// ready    shop/database
// start    shop/api
// ready    shop/api
// start    shop/mailer
// crash    shop/mailer
// restart  shop/mailer
// start    shop/mailer
// exit     shop/mailer
// stopping shop
// stopping shop/api
// exit     shop/api
// stopping shop/database
// exit     shop/database
// exit     shop
