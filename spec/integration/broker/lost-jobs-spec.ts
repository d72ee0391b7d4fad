import { describe, expect, it } from '@jest/globals';
import { useFleet } from './fleet.js';

/** As if the machine that did some job had said for the last time that it's at it, in seconds. */
const lastSaidAgo = (seconds: number) =>
  `UPDATE rxvisor.job SET state = 'active', started_on = now() - interval '${seconds} s',
     heartbeat_on = now() - interval '${seconds} s' WHERE id = $1`;

describe('a job whose machine was lost while nobody else was there', () => {
  const fleet = useFleet();

  it('waits again when somebody comes, though that stays for a moment only', async () => {
    const { near, far, queue } = await fleet.pair();
    const lost = await near.submit({ type: 'lost' });
    const living = await near.submit({ type: 'living' });
    await Promise.all([near.shutdown(), far.shutdown()]);
    await fleet.query(lastSaidAgo(60), [lost]);
    await fleet.query(lastSaidAgo(5), [living]);
    await fleet.open({ queue });

    await expect(fleet.stateOf(lost)).resolves.toBe('retry');
    await expect(fleet.stateOf(living)).resolves.toBe('active');
  });
});
