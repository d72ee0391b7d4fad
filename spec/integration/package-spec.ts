import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
const FIXTURES = join(import.meta.dirname, '../fixtures/package');

/** All that comes with the package: what it depends on, and what those depend on. */
const DEPENDENCIES = ['debug', 'ms', 'rxjs', 'rxjs-for-await', 'tslib'];
/** What a consumer who writes TypeScript for Node has by itself. */
const TYPES = ['@types/node', 'undici-types'];

/** A consumer of its own, far from our `node_modules`. */
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'rxvisor-package-')));
/** Without what npm tells its scripts: the npm that is called here has nothing to do with the one that runs us. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)),
);

const run = async (file: string, ...args: string[]) => {
  const options = { cwd: folder, env: { ...env, NO_COLOR: '1' } };
  return promisify(execFile)(file, args, options).catch((error: unknown) => {
    const { message, stdout } = error as Error & { stdout: string };
    throw new Error(`${message}\n${stdout}`);
  });
};
const runNode = (...args: string[]) => run(process.execPath, ...args);

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

type Manifest = Partial<
  Record<'dependencies' | 'peerDependencies' | 'optionalDependencies', Record<string, string>>
> & {
  peerDependenciesMeta?: Record<string, { optional?: boolean } | undefined>;
};

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const writeJson = (name: string, content: unknown) => {
  writeFileSync(join(folder, name), JSON.stringify(content));
};

describe('the packed package', () => {
  let packed: Packed;

  beforeAll(async () => {
    const { stdout } = await run('npm', 'pack', ROOT, '--json', '--ignore-scripts');
    [packed] = JSON.parse(stdout) as [Packed];
    const local = (name: string) => [name, `file:${join(ROOT, 'node_modules', name)}`] as const;
    writeJson('package.json', {
      name: 'consumer',
      private: true,
      dependencies: {
        rxvisor: `file:${packed.filename}`,
        ...Object.fromEntries([...DEPENDENCIES, ...TYPES].map(local)),
      },
    });
    cpSync(FIXTURES, folder, { recursive: true });
    // With no registry and an empty cache, a dependency that is not listed above could not be installed.
    await run(
      'npm',
      'install',
      '--offline',
      '--install-links',
      '--ignore-scripts',
      '--cache=cache',
    );
  }, 120_000);

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('should hold the build, its words and its licence, and nothing else', () => {
    const paths = packed.files.map(({ path }) => path);
    const built = paths.filter((path) => path.startsWith('dist/'));
    const isChunk = (path: string) => path.startsWith('dist/chunks/');
    const sources = built
      .filter((path) => !isChunk(path))
      .map((path) => path.replace(/(\.d)?\.[jt]s(\.map)?$/, '.ts').replace('dist', 'src'));
    const code = built
      .filter((path) => path.endsWith('.js'))
      .map((path) => readFileSync(join(ROOT, path), 'utf8'))
      .join('\n');
    const chunks = built.filter(isChunk).map((path) => basename(path).replace(/\.map$/, ''));

    expect(paths.filter((path) => !path.startsWith('dist/')).sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'package.json',
    ]);
    // A file whose source is gone, or that nothing imports, is of an older build: npm run clean, and build again.
    expect(sources.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    expect(chunks.filter((chunk) => !code.includes(`/${chunk}"`))).toEqual([]);
    expect(built).toContain('dist/index.js');
    expect(built).toContain('dist/index.d.ts');
  });

  it('should depend on rxjs-for-await, debug and, as a peer, rxjs', () => {
    const manifest = readJson(join(folder, 'node_modules/rxvisor/package.json')) as Manifest;

    expect(Object.keys(manifest.dependencies ?? {}).sort()).toEqual(['debug', 'rxjs-for-await']);
    const { peerDependenciesMeta: meta = {} } = manifest;
    const peers = Object.keys(manifest.peerDependencies ?? {});
    expect(peers.filter((name) => !meta[name]?.optional)).toEqual(['rxjs']);
    expect(peers.filter((name) => meta[name]?.optional)).toEqual([
      '@electric-sql/pglite',
      'pg-boss',
      'tsx',
    ]);
    expect(manifest.optionalDependencies).toBeUndefined();
  });

  it('should pull in nothing else', () => {
    const { packages } = readJson(join(folder, 'node_modules/.package-lock.json')) as {
      packages: Record<string, Manifest>;
    };

    expect(
      Object.keys(packages)
        .map((path) => path.replace('node_modules/', ''))
        .sort(),
    ).toEqual(['rxvisor', ...DEPENDENCIES, ...TYPES].sort());
    expect(namesNeededBy('rxvisor', packages).sort()).toEqual(['rxvisor', ...DEPENDENCIES].sort());
  });

  it.each(['consumer.mjs', 'consumer.cjs'])(
    'should run when imported by %s, with one RxJS for both',
    async (file) => {
      const { stdout, stderr } = await runNode(file);

      expect(stderr).toBe('');
      expect(stdout).toBe('adopted 1 and 2 true\n{ completed: 3, stopped: 0, failed: 0 }\n');
    },
    30_000,
  );

  it('should bring the command, of one mind with what modules import about the runtime', async () => {
    const { stdout } = await run(
      'npx',
      '--offline',
      'rxvisor',
      'run',
      '--log',
      'json',
      'daemon.mjs',
    );
    const { version } = readJson(join(ROOT, 'package.json')) as { version: string };

    expect(stdout).toBe('hello\n');
    await expect(run('npx', '--offline', 'rxvisor', '--version')).resolves.toMatchObject({
      stdout: `${version}\n`,
    });
  }, 60_000);

  it('should say in one line what is missing to run TypeScript, if Node cannot', async () => {
    const { typescript } = process.features as { typescript?: unknown };
    const command = join(folder, 'node_modules/.bin/rxvisor');
    const checked = promisify(execFile)(command, ['check', 'daemon.ts'], { cwd: folder, env });

    if (typescript) await expect(checked).resolves.toMatchObject({ stdout: 'daemon.ts: daemon\n' });
    else {
      await expect(checked).rejects.toMatchObject({
        code: 2,
        stderr: `rxvisor: daemon.ts: package "tsx" is needed to run TypeScript with Node ${process.version} (22.18 and newer need it only for decorators) and is not installed: npm install tsx\n`,
      });
    }
  }, 30_000);

  it('should not let anybody import what is not public', async () => {
    await expect(runNode('-e', `require('rxvisor/dist/errors.js')`)).rejects.toThrow(
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
    );
  });

  it('should bring types that a strict consumer compiles against', async () => {
    writeJson('tsconfig.json', {
      compilerOptions: {
        target: 'es2022',
        lib: ['es2023', 'esnext.disposable'],
        module: 'nodenext',
        types: ['node'],
        strict: true,
        skipLibCheck: false,
        skipDefaultLibCheck: true,
        noEmit: true,
      },
      files: ['consumer.ts'],
    });

    await expect(runNode(join(ROOT, 'node_modules/typescript/bin/tsc'))).resolves.toEqual({
      stdout: '',
      stderr: '',
    });
  }, 120_000);

  it('should be clean for publint and attw', async () => {
    await runNode(join(ROOT, 'node_modules/publint/src/cli.js'), packed.filename, '--strict');
    await runNode(
      join(ROOT, 'node_modules/@arethetypeswrong/cli/dist/index.js'),
      packed.filename,
      '--profile=esm-only',
    );
  }, 120_000);
});

/** Everything that is installed because a package needs it, itself included. */
function namesNeededBy(
  name: string,
  packages: Record<string, Manifest>,
  found = new Set<string>(),
): string[] {
  if (found.has(name)) return [...found];
  found.add(name);
  const { dependencies, peerDependencies, peerDependenciesMeta } =
    packages[`node_modules/${name}`] ?? {};
  for (const each of Object.keys({ ...dependencies, ...peerDependencies })) {
    if (peerDependenciesMeta?.[each]?.optional) continue;
    namesNeededBy(each, packages, found);
  }
  return [...found];
}
