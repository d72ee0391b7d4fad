import { MissingPackageError } from '../../errors.js';
import type { Rows } from '../pg-boss.js';

// Of PGlite, no more than is used: whoever doesn't have it has no declarations of it.

/** What a statement gives. */
export interface Result extends Rows {
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
}

/** A PostgreSQL in this thread, with one connection. */
export interface PGlite {
  /** One statement. */
  query(text: string, values: unknown[]): Promise<Result>;
  /** Any number of them. */
  exec(text: string): Promise<Result[]>;
  onNotification(listener: (channel: string, text: string) => void): unknown;
  close(): Promise<void>;
}

interface PGliteClass {
  create(dataDir: string, options: { readonly parsers: object }): Promise<PGlite>;
}

/** Not a literal, so that nobody looks for its declarations. */
const PACKAGE = '@electric-sql/pglite' as string;

/** @throws {@link MissingPackageError}, and what it says itself of a folder that it can't open */
export async function openPGlite(dataDir: string): Promise<PGlite> {
  const { PGlite } = await loadPGlite();
  const asItIs = (text: string) => text;
  return PGlite.create(dataDir, { parsers: { [JSON_TYPE]: asItIs, [JSONB_TYPE]: asItIs } });
}

const JSON_TYPE = 114;
const JSONB_TYPE = 3802;

/** JSON is read where it's wanted: as a text it crosses sooner, and is then of that realm. */
export function jsonOf({ fields }: Result): string[] {
  const isJson = (type: number) => type === JSON_TYPE || type === JSONB_TYPE;
  return fields.filter(({ dataTypeID }) => isJson(dataTypeID)).map(({ name }) => name);
}

async function loadPGlite() {
  try {
    return (await import(PACKAGE)) as { readonly PGlite: PGliteClass };
  } catch (cause) {
    const purpose = 'to keep jobs in a folder, without a connectionString of a PostgreSQL,';
    throw new MissingPackageError(PACKAGE, purpose, { cause });
  }
}
