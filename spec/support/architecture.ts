import { posix } from 'node:path';
import ts from 'typescript';

/** What an architecture allows. A place is a part (`'runner'`) or one file of it (`'runner/keep-alive'`). */
export interface Architecture {
  /** The parts, from the bottom up: one imports itself and what is strictly below. */
  readonly layers: readonly (readonly string[])[];
  /** Where a package (or a member of a global, `process.exit`) may be used. One that is not listed may be used nowhere. */
  readonly packages: Readonly<Record<string, readonly string[]>>;
}

/** Source texts by their path below `src`, without `.ts`: `'runner/life'`. */
export type Sources = Readonly<Record<string, string>>;

/** Says in one sentence each what goes against an architecture. Type imports count. */
export function findViolations(sources: Sources, architecture: Architecture): string[] {
  const imports = Object.entries(sources).flatMap(([file, text]) => importsOf(file, text));
  return [
    ...Object.keys(sources).flatMap((file) => checkPlace(file, architecture)),
    ...imports.flatMap((each) => checkDirection(each, architecture)),
    ...imports.flatMap((each) => checkPackage(each, architecture)),
    ...Object.entries(sources).flatMap(([file, text]) => checkMembers(file, text, architecture)),
    ...findCycles(imports).map((cycle) => `a cycle: ${cycle.join(' -> ')}`),
  ];
}

/** How many lines hold code, and not only comment or nothing. */
export function countCode(text: string): number {
  const lines = new Set<number>();
  visitTokens(text, (token, source) => {
    const first = source.getLineAndCharacterOfPosition(token.getStart(source)).line;
    const last = source.getLineAndCharacterOfPosition(token.getEnd()).line;
    for (let line = first; line <= last; line++) lines.add(line);
  });
  return lines.size;
}

interface Import {
  readonly file: string;
  /** Another file of `src`, or a package as it is written. */
  readonly target: string;
  readonly isPackage: boolean;
}

function importsOf(file: string, text: string): Import[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => {
    if (!fileName.startsWith('.')) return { file, target: fileName, isPackage: true };
    const target = posix.join(posix.dirname(file), fileName).replace(/\.js$/, '');
    return { file, target, isPackage: false };
  });
}

const partOf = (file: string) => file.split('/')[0] ?? file;

const layerOf = (file: string, { layers }: Architecture) =>
  layers.findIndex((parts) => parts.includes(partOf(file)));

function checkPlace(file: string, architecture: Architecture): string[] {
  return layerOf(file, architecture) < 0 ? [`${file} is of no part that has a layer`] : [];
}

function checkDirection({ file, target, isPackage }: Import, architecture: Architecture): string[] {
  if (isPackage || partOf(file) === partOf(target)) return [];
  const [from, to] = [layerOf(file, architecture), layerOf(target, architecture)];
  if (to >= 0 && from > to) return [];
  return [`${file} imports ${target}, which is ${from === to ? 'beside' : 'above'} it`];
}

function checkPackage({ file, target, isPackage }: Import, architecture: Architecture): string[] {
  if (!isPackage || isAllowed(file, architecture.packages[target])) return [];
  return [`${file} imports the package ${target}, which it may not use`];
}

/** Packages with a dot are members of globals: `process.exit`. */
function checkMembers(file: string, text: string, { packages }: Architecture): string[] {
  const found: string[] = [];
  visitTokens(text, ({ parent }, source) => {
    if (!ts.isPropertyAccessExpression(parent)) return;
    const member = parent.getText(source);
    if (member in packages && !isAllowed(file, packages[member])) found.push(member);
  });
  return [...new Set(found)].map((member) => `${file} uses ${member}, which it may not`);
}

const isAllowed = (file: string, places: readonly string[] = []) =>
  places.some((place) => place === '*' || place === file || place === partOf(file));

function findCycles(imports: readonly Import[]): string[][] {
  const targets = new Map<string, string[]>();
  for (const { file, target, isPackage } of imports) {
    if (!isPackage) targets.set(file, [...(targets.get(file) ?? []), target]);
  }
  const cycles: string[][] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]) => {
    const at = path.indexOf(file);
    if (at >= 0) cycles.push([...path.slice(at), file]);
    if (at >= 0 || done.has(file)) return;
    for (const target of targets.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of targets.keys()) visit(file, []);
  return cycles;
}

/** Every token of the code, none of the comments. */
function visitTokens(text: string, look: (token: ts.Node, source: ts.SourceFile) => void): void {
  const source = ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node) => {
    if (ts.isJSDoc(node)) return;
    const children = node.getChildren(source);
    if (children.length > 0) children.forEach(visit);
    else if (node.getWidth(source) > 0) look(node, source);
  };
  visit(source);
}
