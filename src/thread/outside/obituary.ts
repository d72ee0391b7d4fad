import { type CrashDetails, WorkerCrashError, type WorkerCrashReason } from '../../errors.js';

/** What is known only when it has ended. */
type Known = CrashDetails & { readonly exitCode: number };

/** What is known of a thread by the time that it ends. */
export class Obituary {
  /** Whether it had ever said hello. */
  wasUp = false;
  /** Whether it's ended because it had taken too long to start, or to load a module. */
  timedOut = false;
  /** Whether it was asked to end. */
  asked = false;
  /** Whether it said that it would exit. */
  exiting = false;
  /** Its last words: what nobody caught in it. */
  dying: { readonly reason: WorkerCrashReason; readonly error: unknown } | undefined;
  /** What Node says has ended it. */
  error: { readonly error: unknown } | undefined;

  /** Says it to each of those whom it concerns, by the names of their tasks. */
  toCrash(details: Known): (task: string) => WorkerCrashError {
    // Whoever terminates a thread makes that 0 or 1; it may not have been able to say that it exits.
    this.exiting ||= details.exitCode > 1;
    const { reason, ...cause } = this.cause;
    return (task) => new WorkerCrashError(task, reason, { ...details, ...cause });
  }

  /** What it died of. One that says nothing was terminated. */
  get cause(): { readonly reason: WorkerCrashReason } & Pick<CrashDetails, 'cause'> {
    const { error, dying, timedOut, exiting, asked } = this;
    const cause = error && { cause: error.error };
    if (codeOf(error?.error) === 'ERR_WORKER_OUT_OF_MEMORY') {
      return { reason: 'out-of-memory', ...cause };
    }
    if (dying) return { reason: dying.reason, cause: dying.error };
    if (timedOut) return { reason: 'handshake', ...cause };
    if (error) return { reason: 'uncaught', ...cause };
    return { reason: exiting && !asked ? 'exit' : 'terminated' };
  }
}

const codeOf = (error: unknown) => (error as { readonly code?: unknown } | null | undefined)?.code;
