import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ROOT, endAll, runToEnd } from '../process.js';

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  version: string;
};

afterEach(endAll);

describe('rxvisor', () => {
  it.each([
    [['--help'], /^Usage: rxvisor run .*\n +rxvisor check [^]*\nCommands:\n/],
    [['run', '--help'], /^Usage: rxvisor run [^]*\nExit codes:\n/],
    [['check', '-h'], /^Usage: rxvisor check [^]*\nExit codes:\n/],
    [['--version'], new RegExp(`^${version.replaceAll('.', '\\.')}\n$`)],
  ])('answers %j on stdout', async (args, answer) => {
    const { code, stdout, stderr } = await runToEnd(args);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(answer);
  });

  it.each([
    [[], /^Usage: rxvisor run .*\n +rxvisor check .*\n.*--version\n$/],
    [['start'], /^rxvisor: there is no command "start": .*\nrxvisor --help tells more\n$/],
    [['run'], /^rxvisor: a module is missing: .*\nrxvisor --help tells more\n$/],
    [['run', 'done.mjs', '--nope'], /^rxvisor: there is no option --nope: .*\nrxvisor --help/],
    [['run', 'done.mjs', 'none.mjs'], /^rxvisor: none\.mjs: there is no such file\n$/],
    [['check', 'none.mjs'], /^rxvisor: none\.mjs: there is no such file\n$/],
  ])('refuses %j in a line on stderr, with 2, before anything is run', async (args, answer) => {
    const { code, stdout, stderr } = await runToEnd(args);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(answer);
  });
});
