import { type Runner, type TaskContext, group } from 'rxvisor';
import { Archive } from './archive.js';
import type { Settings } from './arguments.js';
import { Collector } from './collector.js';
import { digester } from './digester.js';
import { Outbox } from './outbox.js';
import { Tally } from './tally.js';
import { uplink } from './uplink.js';

/** The inventory as one payload, and what it fills in as it runs. */
export function inventory(settings: Settings, run: string, runner: Runner) {
  const { root, dataDir, databaseUrl, concurrency, batch, dropRate, slow } = settings;
  const tally = new Tally();
  const outbox = new Outbox(batch);
  const { drained$ } = outbox;
  const archive = new Archive({ run, runner, dataDir, databaseUrl, slow, drained$ });
  const collector = new Collector({ dropRate, outbox, keep: (each) => archive.keep(each) });

  // Started in this order, and stopped in reverse, so that what has been digested by then is still
  // reported, and what has been reported is still kept. Nobody waits for the archive to open but those
  // batches that are to be kept.
  const payload = group([
    {
      name: 'archive',
      payload: archive.attend,
      restart: 'never',
      significant: true,
      grace: 10_000,
    },
    {
      name: 'collector',
      payload: (context: TaskContext) => collector.listen(context),
      awaitReady: true,
      restart: 'never',
      significant: true,
    },
    {
      name: 'uplink',
      payload: uplink({ outbox, port: () => collector.port }),
      after: ['collector'],
      awaitReady: true,
    },
    {
      name: 'digester',
      payload: digester({ root, dataDir, concurrency, tally, outbox }),
      after: ['uplink'],
      restart: 'never',
      significant: true,
    },
  ]);
  return { payload, tally, outbox, archive, collector };
}
