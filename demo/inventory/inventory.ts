import { group } from 'rxvisor';
import type { Settings } from './arguments.js';
import { type CollectorDesk, collector } from './collector.js';
import { digester } from './digester.js';
import { Outbox } from './outbox.js';
import { Tally } from './tally.js';
import { uplink } from './uplink.js';

/** The inventory as one payload, and what it fills in as it runs. */
export function inventory({ root, concurrency, batch, dropRate }: Settings) {
  const tally = new Tally();
  const outbox = new Outbox(batch);
  const desk: CollectorDesk = { dropRate, outbox, port: 0, totals: undefined };

  // Started in this order, each when the one before is ready; stopped in reverse, so that what has
  // been digested by then is still reported, and what has been reported is still counted.
  const payload = group([
    {
      name: 'collector',
      payload: collector(desk),
      awaitReady: true,
      // Another process would know nothing of what this one has counted.
      restart: 'never',
      significant: true,
    },
    {
      name: 'uplink',
      payload: uplink({ outbox, port: () => desk.port }),
      after: ['collector'],
      awaitReady: true,
    },
    {
      name: 'digester',
      payload: digester({ root, concurrency, tally, outbox }),
      after: ['uplink'],
      restart: 'never',
      significant: true,
    },
  ]);
  return { payload, tally, outbox, desk };
}
