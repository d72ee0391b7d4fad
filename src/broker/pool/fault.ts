import { peek } from '../../show.js';

/** What is the matter with a connection. */
export interface Fault {
  /** In a few words. */
  readonly why: string;
  /** Whether that may pass by itself. */
  readonly isPassing: boolean;
}

/** What is the matter, if it's the connection and not what was asked of the database. */
export function faultOf(error: unknown): Fault | undefined {
  const code = textOf(error, 'code');
  const message = textOf(error, 'message');
  const fault = (isPassing: boolean) => ({ why: message || code, isPassing });
  if (PASSING.has(code) || code.startsWith('08') || BROKEN.test(message)) return fault(true);
  if (REFUSED.test(code) || UNSAFE.test(message)) return fault(false);
  return undefined;
}

/** @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
const PASSING: ReadonlySet<string> = new Set([
  // Of the network
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  // Of the database: it shuts down, or starts, or has too many connections
  '57P01',
  '57P02',
  '57P03',
  '57P05',
  '53300',
]);

/** Somebody who is not let in, a database that doesn't exist, a certificate that isn't trusted. */
const REFUSED = /^(28...|3D000|ERR_TLS.*|CERT_.*|.*_CERT.*|UNABLE_TO_.*)$/;

/** What node-postgres says without a code. */
const BROKEN =
  /^(Connection terminated|Client (has encountered a connection error|was closed)|timeout (expired|exceeded)|Query read timeout)/;
const UNSAFE =
  /^(SASL: |The server does not support SSL|There was an error establishing an SSL|Cannot use a pool after)/;

function textOf(error: unknown, name: string): string {
  const text = peek(error, name);
  return typeof text === 'string' ? text : '';
}
