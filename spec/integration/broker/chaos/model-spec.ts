import { describe, expect, it } from '@jest/globals';
import {
  type Change,
  type Limits,
  type Line,
  type Outage,
  type Story,
  violationsOf,
} from './model.js';

const ID = 'an-id';

/** A line of the process 7, 8 or 9: `7: begin 1`, `7: done 1`, `7: killed`, ten ms after the one before unless told. */
function toLines(...texts: readonly string[]): Line[] {
  let at = 0;
  return texts.map((text) => {
    const [, process, how, attempt, later] = /^(\d): (\w+) ?(\d*)(?: after (\d+))?$/.exec(text)!;
    at += Number(later ?? 10);
    const line = { pid: Number(process), at, n: 1, attempt: Number(attempt) };
    if (how === 'killed' || how === 'left') return { type: how, pid: line.pid, at };
    return how === 'begin' ? { type: how, ...line } : { type: 'end', how, ...line };
  }) as Line[];
}

/** What the database has of one job: `active 1` is its first claim, `created 1 back` after it was given back. */
function toChanges(...texts: readonly string[]): Change[] {
  return texts.map((text) => {
    const [state, claim, back] = text.split(' ');
    const isBegun = state !== 'created' && back === undefined;
    const [retryCount, key] = [Number(claim ?? 1) - 1, 'a'];
    return { id: ID, n: 1, key, state, retryCount, isBegun } as Change;
  });
}

interface Bad {
  readonly lines?: readonly string[];
  readonly changes?: readonly string[];
  readonly outages?: readonly Outage[];
}

const DONE = ['7: begin 1', '7: done 1'];
const COMPLETED = ['created', 'active 1', 'completed 1'];
const AGAIN = ['created', 'active 1', 'retry 1', 'active 2', 'completed 2'];

const storyOf = ({ lines = DONE, changes = COMPLETED, outages = [] }: Bad): Story => ({
  ...{ accepted: [ID], outages },
  ...{ lines: toLines(...lines), changes: toChanges(...changes) },
});

describe('the model of a fleet', () => {
  it.each<[title: string, story: Bad]>([
    ['a job that is done', {}],
    [
      'one that fails and is done again',
      { lines: ['7: begin 1', '7: failed 1', '8: begin 2', '8: done 2'], changes: AGAIN },
    ],
    [
      'one that is killed and done elsewhere',
      { lines: ['7: begin 1', '7: killed', '8: begin 2', '8: done 2'], changes: AGAIN },
    ],
    [
      'one whose process is killed before it is settled',
      {
        lines: ['7: begin 1', '7: done 1', '7: killed', '8: begin 2', '8: done 2'],
        changes: AGAIN,
      },
    ],
    [
      'one that is settled late for want of a database',
      {
        lines: ['7: begin 1', '7: done 1', '7: killed after 9000', '8: begin 2', '8: done 2'],
        changes: AGAIN,
        outages: [{ from: 0, to: 8_000 }],
      },
    ],
    [
      'one whose process leaves when there is no database',
      {
        lines: ['7: begin 1', '7: done 1', '7: left', '8: begin 2', '8: done 2'],
        changes: AGAIN,
        outages: [{ from: 25, to: 9_000 }],
      },
    ],
    [
      'one that is given back',
      {
        lines: ['7: begin 1', '7: stopped 1', '8: begin 1', '8: done 1'],
        changes: ['created', 'active 1', 'created 1 back', 'active 1', 'completed 1'],
      },
    ],
    ['one whose claim was lost on the way', { lines: ['8: begin 2', '8: done 2'], changes: AGAIN }],
    [
      'one that was lost four times',
      {
        lines: ['7: begin 1', '7: killed', '8: begin 4', '8: killed'],
        changes: [
          'created',
          'active 1',
          'retry 1',
          'active 2',
          'retry 2',
          'active 3',
          'retry 3',
          'active 4',
          'failed 4',
        ],
      },
    ],
  ])('should find nothing wrong with %s', (_, story) => {
    expect(violationsOf(storyOf(story))).toEqual([]);
  });

  it.each<[title: string, story: Bad, wrong: string]>([
    ['is lost', { changes: ['created', 'active 1', 'retry 1'] }, 'lost: retry in the end'],
    ['is lost as it runs', { changes: ['created', 'active 1'] }, 'lost: active in the end'],
    ['is completed twice', { changes: [...COMPLETED, 'completed 1'] }, 'completed 2 times'],
    [
      'is begun after it was completed',
      { changes: [...COMPLETED, 'active 2'] },
      'active after completed',
    ],
    [
      'is done twice',
      { lines: [...DONE, '8: begin 2', '8: done 2'], changes: AGAIN },
      'attempt 2 (pid 8) and 1 (pid 7) were both done',
    ],
    [
      'is done twice, though somebody else is killed',
      { lines: [...DONE, '9: killed', '8: begin 2', '8: done 2'], changes: AGAIN },
      'were both done',
    ],
    [
      'is done twice, and only then killed',
      { lines: [...DONE, '8: begin 2', '7: killed', '8: done 2'], changes: AGAIN },
      'were both done',
    ],
    [
      'is done twice, though its process left in peace',
      { lines: [...DONE, '7: left', '8: begin 2', '8: done 2'], changes: AGAIN },
      'were both done',
    ],
    [
      'is not settled for long',
      { lines: [...DONE, '7: killed after 9000', '8: begin 2', '8: done 2'], changes: AGAIN },
      'were both done',
    ],
    [
      'is with two at once',
      { lines: ['7: begin 1', '8: begin 2', '7: done 1', '8: done 2'], changes: AGAIN },
      'attempt 2 (pid 8) and 1 (pid 7) overlap',
    ],
    [
      'is with two until one is killed',
      { lines: ['7: begin 1', '8: begin 2', '7: killed', '8: done 2'], changes: AGAIN },
      'overlap',
    ],
    ['is with one twice', { lines: ['7: begin 1', '7: begin 1', '7: done 1'] }, 'overlap'],
    [
      'has the same number twice',
      { lines: ['7: begin 1', '7: failed 1', '8: begin 1', '8: done 1'] },
      'attempt 1 (pid 8) and 1 (pid 7) in this order',
    ],
    [
      'is numbered downwards',
      { lines: ['7: begin 2', '7: failed 2', '8: begin 1', '8: done 1'], changes: AGAIN },
      'in this order',
    ],
    [
      'is claimed without being numbered',
      { changes: ['created', 'active 1', 'retry 1', 'active 1', 'completed 1'] },
      'claim 1 where 2 was due',
    ],
    [
      'skips a number',
      { lines: ['7: begin 2', '7: done 2'], changes: ['created', 'active 2', 'completed 2'] },
      'claim 2 where 1 was due',
    ],
    [
      'is given back and counted',
      {
        changes: ['created', 'active 1', 'created 1 back', 'active 2', 'completed 2'],
        lines: ['7: begin 2', '7: done 2'],
      },
      'claim 2 where 1 was due',
    ],
    [
      'is done by somebody without a claim',
      { lines: ['7: begin 1', '7: failed 1', '8: begin 2', '8: done 2'] },
      'attempt 2 was not claimed',
    ],
    [
      'is completed by somebody who has not done it',
      { lines: ['7: begin 1', '7: killed'] },
      'completed by attempt 1, which was not done',
    ],
    ['ends where it was not begun', { lines: ['7: done 1'] }, 'attempt 1 ended unbegun'],
    [
      'is dead too soon',
      {
        changes: ['created', 'active 1', 'retry 1', 'active 2', 'failed 2'],
        lines: ['7: begin 1', '7: killed', '8: begin 2', '8: killed'],
      },
      'dead after 2 lost attempts',
    ],
    [
      'is dead too soon after a failure',
      {
        changes: [
          'created',
          'active 1',
          'retry 1',
          'active 2',
          'retry 2',
          'active 3',
          'retry 3',
          'active 4',
          'failed 4',
        ],
        lines: ['7: begin 1', '7: failed 1', '8: begin 2', '8: killed'],
      },
      'dead after 3 lost attempts',
    ],
  ])('should find a job that %s', (_, story, wrong) => {
    expect(violationsOf(storyOf(story))).toContainEqual(expect.stringContaining(wrong));
  });

  it('should find jobs that were never there', () => {
    const lines = toLines(...DONE);

    expect(violationsOf({ accepted: [ID], lines, changes: [], outages: [] })).toEqual([
      'an-id: accepted and never there',
      'job 1: done and never there',
    ]);
  });

  it('should find two jobs of one key at once, and not one after the other', () => {
    const [created, active, completed] = toChanges(...COMPLETED) as [Change, Change, Change];
    const wrong = (...changes: readonly Change[]) =>
      violationsOf({ accepted: [], lines: toLines(...DONE), changes, outages: [] });
    const other = { id: 'other', n: 2 };

    expect(wrong(created, active, completed, { ...created, ...other })).toEqual([
      'job 2 (other): lost: created in the end',
    ]);
    expect(wrong(created, { ...created, ...other }, active, completed)).toContain(
      'jobs an-id and other of the key a at once',
    );
  });

  it('should find more at once than may be, of processes that live', () => {
    const lines = (...texts: readonly string[]) =>
      toLines(...texts).map((line, n) => ({ ...line, n: n + 1 })) as Line[];
    const changes = [1, 2, 3].map((n) => ({ ...toChanges('created')[0]!, n, group: 'g' }));
    const wrong = (limits: Limits, ...texts: readonly string[]) =>
      violationsOf({ accepted: [], lines: lines(...texts), changes, outages: [], limits });
    const three = ['7: begin 1', '8: begin 1', '8: begin 1'];

    expect(wrong({ fleetConcurrency: 2 }, ...three)).toContain('3 jobs at once');
    expect(wrong({ groupConcurrency: 1 }, ...three)).toEqual(
      expect.arrayContaining(['2 of group g at once', '3 of group g at once']),
    );
    expect(wrong({ fleetConcurrency: 3, groupConcurrency: 3 }, ...three).join()).not.toMatch(
      /at once/,
    );
    expect(
      wrong({ groupConcurrency: 1 }, '7: begin 1', '7: killed', '8: begin 1').join(),
    ).not.toMatch(/of group/);
  });
});
