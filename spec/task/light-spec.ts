import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const SRC = join(import.meta.dirname, '../../src');

/** What runs on a worker thread, where to load RxJS takes longer than most payloads. */
const ON_THREADS = ['task/enter-payload', 'task/teardowns', 'task/transfer', 'thread/entry'].filter(
  (file) => existsSync(join(SRC, `${file}.ts`)),
);

/** The imports of a file that are there at run time: what is for types only is erased. */
function runTimeImports(file: string): string[] {
  const text = readFileSync(join(SRC, `${file}.ts`), 'utf8');
  const { statements } = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  return statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    if (isTypeOnly(statement)) return [];
    const { moduleSpecifier } = statement;
    return moduleSpecifier && ts.isStringLiteral(moduleSpecifier) ? [moduleSpecifier.text] : [];
  });
}

const isTypeOnly = (statement: ts.ImportDeclaration | ts.ExportDeclaration) =>
  ts.isImportDeclaration(statement)
    ? statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
    : statement.isTypeOnly;

/** The packages that are loaded with a file, each with the files that lead to it. */
function packagesOf(
  file: string,
  path: readonly string[] = [],
  seen = new Set<string>(),
): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  return runTimeImports(file).flatMap((target) => {
    if (!target.startsWith('.')) return [[...path, file, target].join(' > ')];
    const next = join(file, '..', target).replace(/\.js$/, '');
    return packagesOf(next, [...path, file], seen);
  });
}

describe('what runs on threads', () => {
  it.each(ON_THREADS)('should load with %s what Node brings, and no package', (file) => {
    const packages = packagesOf(file).filter((path) => !/ > node:\w+$/.test(path));

    expect(packages).toEqual([]);
  });

  it('should be seen to load a package, through whatever file', () => {
    expect(packagesOf('index')).toContainEqual(expect.stringMatching(/^index > .+ > rxjs$/));
  });
});
