import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const DEMOS = readdirSync(join(PACKAGE, 'demo')).filter((name) => /^\d.*\.ts$/.test(name));
const OUTPUT = '\n// Output:\n';

const read = (path: string) => readFileSync(join(PACKAGE, path), 'utf8');

/** What a demo says that it prints. */
const claimOf = (source: string) =>
  source.slice(source.indexOf(OUTPUT) + OUTPUT.length).replace(/^\/\/ ?/gm, '');

/** Blocks of a Markdown file that name a file of this package: "```ts demo/01-adopt.ts". */
const quotesIn = (markdown: string) =>
  [...markdown.matchAll(/^```ts (demo\/\S+)\n(.*?)^```$/gms)].map(([, path = '', text = '']) => ({
    path,
    text,
  }));

describe('the demos', () => {
  it('are numbered without a gap, each with its lesson', () => {
    const numbers = DEMOS.map((name) => /^(\d\d)-[a-z-]+\.ts$/.exec(name)?.[1]);

    expect(numbers).toEqual(DEMOS.map((_, index) => String(index + 1).padStart(2, '0')));
    expect(numbers.length).toBeGreaterThanOrEqual(14);
  });

  describe.each(DEMOS)('%s', (name) => {
    const source = read(`demo/${name}`);
    const lines = source.trimEnd().split('\n');

    it('should be short, and say first what it shows, in two lines', () => {
      expect(lines.length).toBeLessThanOrEqual(60);
      expect(lines.slice(0, 3)).toEqual([
        expect.stringMatching(/^\/\/ [A-Z`]/),
        expect.stringMatching(/^\/\/ .*\.$/),
        expect.stringMatching(/^import /),
      ]);
    });

    it('should print what it says, complain of nothing, and end by itself', async () => {
      expect(source).toContain(OUTPUT);

      const args = ['--import', 'tsx', join('demo', name)];
      const options = { cwd: PACKAGE, timeout: 60_000, env: { ...process.env, NO_COLOR: '1' } };
      const { stdout, stderr } = await promisify(execFile)(process.execPath, args, options);

      expect(stdout.replace(/ +$/gm, '')).toBe(claimOf(source));
      expect(stderr).toBe('');
    }, 90_000);
  });

  it('are quoted word by word where the README quotes them, the first one at least', () => {
    const quotes = quotesIn(read('README.md'));

    for (const { path, text } of quotes) expect({ path, text }).toEqual({ path, text: read(path) });
    expect(quotes.some(({ path }) => path === 'demo/01-adopt.ts')).toBe(true);
  });

  it('would be found out if the README quoted them wrongly', () => {
    const markdown =
      '# A\n\n```ts demo/01-adopt.ts\nlet a;\n\nlet b;\n```\n\n```ts\nnot one\n```\n';

    expect(quotesIn(markdown)).toEqual([{ path: 'demo/01-adopt.ts', text: 'let a;\n\nlet b;\n' }]);
  });
});
