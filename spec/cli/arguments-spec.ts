import { describe, expect, it } from '@jest/globals';
import { UsageError } from '../../src/errors.js';
import { toCommand } from '../../src/cli/arguments.js';
import { help } from '../../src/cli/help.js';

const read = (line: string) => toCommand(line.split(' '));
const refusal = (argv: readonly string[]): string => {
  try {
    toCommand(argv);
    return 'nothing';
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as UsageError).message;
  }
};

const RUN = {
  name: 'run',
  modules: ['a.mjs'],
  args: [],
  log: 'pretty',
  logLevel: 'info',
  logTarget: 'stderr',
  keepAlive: false,
  watch: false,
};

describe('toCommand', () => {
  it('should read the modules to run, with defaults for all options', () => {
    expect(read('run a.mjs')).toEqual(RUN);
    expect(read('run a.mjs b.ts')).toEqual({ ...RUN, modules: ['a.mjs', 'b.ts'] });
  });

  it('should read every option, before and after the modules', () => {
    const all = {
      log: 'json',
      logLevel: 'debug',
      logTarget: 'x.log',
      keepAlive: true,
      watch: true,
    };

    expect(
      read('run --log json --log-level=debug a.mjs --log-target x.log --keep-alive --watch'),
    ).toEqual({ ...RUN, ...all });
  });

  it('should leave what follows the first -- to the modules', () => {
    expect(read('run a.mjs -- --log x -- y')).toEqual({ ...RUN, args: ['--log', 'x', '--', 'y'] });
    expect(read('check a.mjs b.mjs -- -v')).toEqual({
      name: 'check',
      modules: ['a.mjs', 'b.mjs'],
      args: ['-v'],
    });
  });

  it.each([
    ['--help', { name: 'help' }],
    ['-h', { name: 'help' }],
    ['help', { name: 'help' }],
    ['help run', { name: 'help', topic: 'run' }],
    ['help check', { name: 'help', topic: 'check' }],
    ['help me', { name: 'help' }],
    ['run --help', { name: 'help', topic: 'run' }],
    ['run a.mjs -h', { name: 'help', topic: 'run' }],
    ['check -h', { name: 'help', topic: 'check' }],
    ['--version', { name: 'version' }],
    ['-v', { name: 'version' }],
    ['run -v', { name: 'version' }],
    ['check --version', { name: 'version' }],
  ])('should understand %s', (line, command) => {
    expect(read(line)).toEqual(command);
  });

  it.each([
    [[], 'a command is missing: run or check'],
    [['start'], 'there is no command "start": the commands are run and check'],
    [
      ['--log', 'json', 'run', 'a.mjs'],
      'there is no command "--log": the command comes first: rxvisor run [options] <module…>',
    ],
    [['run'], 'a module is missing: name the file whose tasks are to run'],
    [['run', '--', 'a.mjs'], 'a module is missing: name the file whose tasks are to run'],
    [['check'], 'a module is missing: name the file whose tasks are to run'],
    [['run', 'a.mjs', '--log', 'xml'], 'option --log is "xml": give one of pretty, json, silent'],
    [['run', 'a.mjs', '--log='], 'option --log is "": give one of pretty, json, silent'],
    [
      ['run', 'a.mjs', '--log-level', 'all'],
      'option --log-level is "all": give one of error, warn, info, debug',
    ],
    [['run', 'a.mjs', '--log-target='], 'option --log-target is empty: give a file'],
    [
      ['run', 'a.mjs', '--log', 'silent', '--log-target', 'x'],
      'option --log is silent and leaves nothing to write: leave out --log-target, or let --log be pretty or json',
    ],
    [
      ['run', 'a.mjs', '--port', '80'],
      'there is no option --port: take one of --help, --version, --log, --log-level, --log-target, --keep-alive, --watch; what is for the module follows --',
    ],
    [
      ['check', 'a.mjs', '--watch'],
      'there is no option --watch: take one of --help, --version; what is for the module follows --',
    ],
    [['run', 'a.mjs', '-x'], expect.stringMatching(/^there is no option -x: take one of /)],
    [['run', 'a.mjs', '--log'], "Option '--log <value>' argument missing"],
    [['run', 'a.mjs', '--keep-alive=no'], "Option '--keep-alive' does not take an argument"],
  ])('should refuse %j in one line', (argv, message) => {
    const said = refusal(argv);

    expect(said).toEqual(message);
    expect(said).not.toContain('\n');
  });
});

describe('help', () => {
  const optionsIn = (text: string) => new Set(text.match(/--[a-z]+(-[a-z]+)*/g));

  it('should tell every option of run, and no other', () => {
    const [, known = ''] = /take one of (.*?);/.exec(refusal(['run', '--nope'])) ?? [];

    expect(optionsIn(help({ name: 'help', topic: 'run' }))).toEqual(optionsIn(known));
  });

  it('should tell of both commands, each in lines that fit a terminal', () => {
    const texts = [undefined, 'run', 'check'] as const;
    for (const topic of texts) {
      const text = help({ name: 'help', ...(topic && { topic }) });

      expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
      expect(text).toMatch(/^Usage: rxvisor [^]*\n$/);
    }
    expect(help({ name: 'help' })).toMatch(/^ {2}run [^]*^ {2}check /m);
  });
});
