import { type StopReason, fixed } from '../report.js';
import { surface } from '../schedulers/surface.js';
import type { End } from './end.js';
import type { Member } from './host.js';
import type { Birth } from './life-record.js';
import { LifeCycle } from './life-cycle.js';

/** A life, and what may be asked of it, at any time and in any state, from outside or from inside. */
export abstract class Life extends LifeCycle implements Member {
  constructor(birth: Birth) {
    super(birth);
    this.core.lives.add(this);
    this.parent?.hold().children.add(this);
  }

  stop(reason: StopReason): void {
    if (this.state === 'over') return;
    this.past.stopReason ??= reason;
    if (!this.current) this.exit('stopped');
    else if (!this.current.ending) this.stopAttempt(reason);
  }

  restart(): void {
    if (this.current) this.resume('manual');
    else if (this.state !== 'backoff') return;
    else if (this.pending) {
      this.park();
      this.begin();
    } else this.host?.hurry();
  }

  takeAlong(): void {
    if (this.current) this.resume('sibling');
    else this.park();
  }

  force(reason: StopReason): void {
    if (this.state === 'over') return;
    this.past.stopReason ??= reason;
    if (this.current) this.current.force(this.past.stopReason);
    else this.exit('stopped');
  }

  giveUp(error: unknown): void {
    this.exit('failed', { error });
  }

  whenOver(work: () => void): void {
    if (this.state === 'over') work();
    else this.past.waiters.push(work);
  }

  /** Tells the end to those who take the values. */
  protected abstract tellEnd(end: End): void;

  protected settle(end: End): void {
    try {
      this.tellEnd(end);
    } catch (error) {
      // RxJS doesn't fence a subscriber of somebody's own making.
      surface(error);
    }
  }

  protected get asMember(): Member {
    return this;
  }

  private resume(cause: 'manual' | 'sibling'): void {
    this.past.resuming ??= cause;
    if (!this.current?.ending) this.stopAttempt(fixed({ type: 'restart' }));
  }

  private stopAttempt(reason: StopReason): void {
    this.state = 'stopping';
    this.current?.stop(reason);
  }
}
