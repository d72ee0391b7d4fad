// Asked by a signal, the runner stops gracefully: what is under way gets finished, connections are
// closed, `run()` resolves, and the process ends by itself. A second signal does not wait.
import { setTimeout } from 'node:timers/promises';
import { Runner, type TaskContext } from 'rxvisor';

async function consumer({ signal, onTeardown }: TaskContext): Promise<void> {
  console.log('connected');
  onTeardown(async () => {
    await setTimeout(5);
    console.log('disconnected');
  });
  for (let n = 1; !signal.aborted; n++) {
    console.log(`message ${n}: taken`);
    // What Ctrl-C does, a service manager or an orchestrator; here we do it ourselves.
    if (n === 2) process.kill(process.pid, 'SIGTERM');
    await setTimeout(20);
    console.log(`message ${n}: done`);
  }
}

const runner = new Runner({ grace: 5_000, shutdownTimeout: 10_000 });
runner.events$.subscribe((event) => {
  if (event.type === 'shutdown') console.log(`asked to stop by ${event.reason.signal}`);
});
runner.adopt(consumer);

// Nothing listens to signals that isn't asked to, and nobody does any more once it has stopped.
const { reason, stragglers } = await runner.run({ signals: true });
console.log(`stopped for a ${reason.type}, ${stragglers.length} stragglers`);
console.log(`${process.listenerCount('SIGTERM')} listeners left`);

// Output:
// connected
// message 1: taken
// message 1: done
// message 2: taken
// asked to stop by SIGTERM
// message 2: done
// disconnected
// stopped for a signal, 0 stragglers
// 0 listeners left
