import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { VirtualTimeScheduler } from 'rxjs';
import { BottomLine } from '../../../src/cli/status-line/bottom-line.js';

/** What streams to one terminal have written, the escapes in words. */
class FakeTerminal extends EventEmitter {
  columns = 40;
  readonly screen: string[];
  constructor(screen: string[]) {
    super();
    this.screen = screen;
  }
  write(text: string | Uint8Array, _encoding?: unknown, callback?: () => void): boolean {
    this.screen.push(
      Buffer.from(text as string)
        .toString()
        .replaceAll('\r\u001b[2K', '<erase>'),
    );
    callback?.();
    return false;
  }
}

function setUp() {
  const screen: string[] = [];
  const [stderr, stdout, ending] = [
    new FakeTerminal(screen),
    new FakeTerminal(screen),
    new EventEmitter(),
  ];
  const scheduler = new VirtualTimeScheduler();
  const line = new BottomLine(stderr, [stdout], ending, scheduler);
  /** What has been written since it was asked for the last time. */
  const written = () => screen.splice(0).join('');
  return { stderr, stdout, ending, line, written, flush: () => scheduler.flush() };
}

describe('BottomLine', () => {
  it('should write nothing until there is something to show', () => {
    const { stdout, line, written, flush } = setUp();
    stdout.write('foreign\n');
    flush();
    line.close();

    expect(written()).toBe('foreign\n');
  });

  it('should show a text without ending the line, and replace it by the next', () => {
    const { line, written } = setUp();
    line.show('one');
    line.show('two');

    expect(written()).toBe('one<erase>two');
  });

  it('should erase itself before others write, and come back once after all they write in one go', () => {
    const { stdout, stderr, line, written, flush } = setUp();
    line.show('status');
    written();
    stdout.write('a\n');
    stderr.write('b\n');
    stdout.write(Buffer.from('c\n'));
    expect(written()).toBe('<erase>a\nb\nc\n');
    flush();
    expect(written()).toBe('status');
    stderr.write('d\n');
    flush();
    expect(written()).toBe('<erase>d\nstatus');
  });

  it('should stay away while a line of another has not ended, and come back after its end', () => {
    const { stdout, line, written, flush } = setUp();
    line.show('status');
    written();
    stdout.write('50 %');
    flush();
    line.show('other');
    stdout.write(' 100 %');
    flush();
    expect(written()).toBe('<erase>50 % 100 %');
    stdout.write('\n');
    flush();
    expect(written()).toBe('\nother');
  });

  it('should see that a line has ended though its colours are switched off after', () => {
    const { stdout, line, written, flush } = setUp();
    line.show('status');
    stdout.write('\u001b[31mred\n\u001b[39m');
    flush();

    expect(written()).toMatch(/status$/);
  });

  it('should not be moved by an empty write, as it is made to flush', () => {
    const { stdout, line, written, flush } = setUp();
    line.show('status');
    written();
    let flushed = false;
    stdout.write('', 'utf8', () => (flushed = true));
    flush();

    expect(flushed).toBe(true);
    expect(written()).toBe('');
  });

  it('should pass on what is written, with its encoding and callback, and what it returns', () => {
    const { stdout, line } = setUp();
    line.show('status');
    const order: string[] = [];

    expect(stdout.write('text\n', 'utf8', () => order.push('called back'))).toBe(false);
    expect(order).toEqual(['called back']);
  });

  it.each([
    ['cut to the columns, the last one free', 10, 'abcdefghijkl', 'abcdefgh…'],
    ['left whole when it just fits', 10, 'abcdefghi', 'abcdefghi'],
    ['cut between characters, not inside one', 5, '🙂🙂🙂🙂🙂', '🙂🙂🙂…'],
    ['cut for 80 columns where the terminal does not say', 0, 'x'.repeat(99), `${'x'.repeat(78)}…`],
    ['nothing where there is no room', 1, 'abc', ''],
    ['a sign where there is room for one', 2, 'abc', '…'],
  ])('should be %s', (_, columns, text, expected) => {
    const { stderr, line, written } = setUp();
    stderr.columns = columns;
    line.show(text);

    expect(written()).toBe(expected);
  });

  it('should be drawn anew when the terminal gets another size', () => {
    const { stderr, line, written } = setUp();
    line.show('abcdefghijkl');
    stderr.columns = 6;
    stderr.emit('resize');

    expect(written()).toBe('abcdefghijkl<erase>abcd…');
  });

  it('should erase itself at the end, and let go of the streams', () => {
    const { stderr, stdout, ending, line, written, flush } = setUp();
    line.show('status');
    written();
    stdout.write('foreign\n');
    line.close();
    flush();
    stdout.write('more\n');
    stderr.emit('resize');

    expect(written()).toBe('<erase>foreign\nmore\n');
    expect(Object.hasOwn(stdout, 'write') || Object.hasOwn(stderr, 'write')).toBe(false);
    expect(stderr.listenerCount('resize') + ending.listenerCount('exit')).toBe(0);
  });

  it('should erase itself when the process ends without it being closed', () => {
    const { ending, line, written } = setUp();
    line.show('status');
    ending.emit('exit');

    expect(written()).toBe('status<erase>');
  });

  it('should give back a `write` that was the stream’s own', () => {
    const screen: string[] = [];
    const stream = new FakeTerminal(screen);
    const own = () => true;
    stream.write = own;
    new BottomLine(stream, [], new EventEmitter()).close();

    expect(stream.write).toBe(own);
  });

  it('should leave a `write` in place that has been taken over after its own, and pass on', () => {
    const { stdout, line, written } = setUp();
    const ours = stdout.write;
    const theirs = (text: string) => ours.call(stdout, `[${text}]`);
    stdout.write = theirs;
    line.show('status');
    line.close();
    written();
    stdout.write('text');

    expect(stdout.write).toBe(theirs);
    expect(written()).toBe('[text]');
  });

  it('should take over a stream once, though it is named twice', () => {
    const stream = new FakeTerminal([]);
    const line = new BottomLine(stream, [stream], new EventEmitter());
    line.show('status');
    stream.write('a\n');

    expect(stream.screen.join('')).toBe('status<erase>a\n');
    line.close();
    expect(Object.hasOwn(stream, 'write')).toBe(false);
  });
});
