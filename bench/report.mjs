// What was measured, as one table, and what it has to reach.

const RXVISOR = 'rxvisor';
const OBSERVED = 'rxvisor, observed';

const BURST = (size) => `adopt to exit, burst ${size}`;
const IDLE = 'an idle task among 100,000';
const RESTARTS = 'restarts of one task, delay 0';
const STORM = 'storm of 10,000 × 20 restarts at 10 ms';
const ROUND_TRIPS = ['no-op round trip, p50', 'no-op round trip on one processor, p50'];
const IN_FLIGHT = (payload) => `1,000 in flight on one thread, ${payload}`;
const STREAM = (values) => `stream of ${values} out of a thread`;
const GROWTH = (which, values) =>
  `${which} grown by 200,000 ${values} of 1 KiB for a slow consumer`;

/** The competitor that carries the narration is the one that counts: events are there to be seen. */
const TARGETS = [
  faster(BURST('10,000'), 'RxJS pipeline', 3),
  faster(BURST('10,000'), 'Effect forkDetach', 0.8),
  linear(1.5),
  atMost(IDLE, 400, 'bytes'),
  faster(RESTARTS, 'RxJS retry, microtask', 1),
  faster(STORM, 'RxJS retry, timer', 1.5),
  pauses(100),
  ...ROUND_TRIPS.map((row) => slower(row, 'Piscina', 1.1)),
  ...['numbers', 'objects'].flatMap((payload) => [
    faster(IN_FLIGHT(payload), 'Piscina', 5),
    faster(IN_FLIGHT(payload), 'tinypool, 64 at a time', 1.5),
  ]),
  faster('1 MiB moved there and back', 'Piscina', 1),
  faster('1 MiB copied there and back', 'Piscina', 0.9),
  ...['numbers', 'objects'].flatMap((values) => [
    faster(STREAM(values), 'threads.js', 5),
    faster(STREAM(values), 'bare port, 64 at a time, into a Subject', 0.5),
  ]),
  ...['strings', 'buffers'].flatMap((values) =>
    ['heap', 'rss'].map((which) => atMost(GROWTH(which, values), 50, 'MiB')),
  ),
  slower('first result from a cold start', 'Piscina', 1.3),
  slower('submit to start, idle, p50', 'pg-boss', 1.2),
  slower('submit to start, idle, p99', 'pg-boss', 1.2),
  faster('submits, one after the other', 'pg-boss', 0.9),
  faster('submits in parallel', 'pg-boss', 5),
  faster('jobs done, 10 at a time', 'pg-boss', 1.5),
  faster('jobs done, 100 at a time', 'pg-boss', 1.5),
  atLeast('two busy jobs: two threads over one', 1.7, 'times'),
];

const COLUMNS = ['', 'median', 'min', 'max', 'unit', 'rxvisor is'];

/** @returns All rows under one heading, one line for each competitor, and the targets. */
export function toTable(rows, { machine, versions, targets }) {
  const lines = rows.flatMap((row) => [[toHeading(row)], ...toLines(row), []]);
  const width = COLUMNS.map((column, index) =>
    Math.max(
      ...[COLUMNS, ...lines.filter((line) => line.length > 1)].map((line) => line[index].length),
    ),
  );
  const pad = (line) =>
    line.length > 1
      ? line
          .map((cell, i) => (i === 0 || i === 4 ? cell.padEnd(width[i]) : cell.padStart(width[i])))
          .join('  ')
          .trimEnd()
      : line.join('');
  return [
    `Node ${machine.node}, ${machine.cpus} CPUs (${machine.cpu})`,
    Object.entries(versions)
      .map((pair) => pair.join(' '))
      .join(', '),
    '',
    pad(COLUMNS),
    ...lines.map(pad),
    ...(targets.length > 0 ? ['Targets'] : []),
    ...targets.map(
      ({ text, value, reached }) =>
        `  ${reached ? 'reached    ' : 'not reached'}  ${text}: ${value}`,
    ),
    '',
  ].join('\n');
}

function toHeading({ row, competitors }) {
  const rounds = competitors[RXVISOR]?.length ?? 1;
  return `${row} (${rounds === 1 ? 'one round' : `${rounds} rounds`})`;
}

/** How many times better than a peer rxvisor is, whatever better means in that row. */
function toLines({ competitors, unit, better }) {
  const own = medianOf(competitors[RXVISOR] ?? []);
  return Object.entries(competitors).map(([name, samples]) => {
    if (samples.length === 0) return [`  ${name}: given up`, '', '', '', '', ''];
    const median = medianOf(samples);
    const ratio = better === 'more' ? own / median : median / own;
    const once = samples.length === 1 && competitors[RXVISOR]?.length > 1 ? ', once' : '';
    return [
      `  ${name}${once}`,
      round(median),
      round(Math.min(...samples)),
      round(Math.max(...samples)),
      unit,
      name === RXVISOR || !own || !Number.isFinite(ratio) ? '' : `${ratio.toFixed(2)}x`,
    ];
  });
}

/** The targets of which everything needed was measured. */
export function toTargets(rows) {
  const find = (row, competitor) => rows.find((each) => each.row === row)?.competitors[competitor];
  const median = (row, competitor) => medianOf(find(row, competitor) ?? []);
  return TARGETS.flatMap((judge) => judge(median)).filter(({ number }) => Number.isFinite(number));
}

function faster(row, peer, least) {
  return (median) =>
    [RXVISOR, OBSERVED].map((own) => {
      const number = median(row, own) / median(row, peer);
      return {
        text: `${row}: ${own} at least ${least}x ${peer}`,
        number,
        value: `${number.toFixed(2)}x`,
        reached: number >= least,
      };
    });
}

/** Where less is better. */
function slower(row, peer, most) {
  return (median) => {
    const number = median(row, RXVISOR) / median(row, peer);
    return [
      {
        text: `${row}: at most ${most}x ${peer}`,
        number,
        value: `${number.toFixed(2)}x`,
        reached: number <= most,
      },
    ];
  };
}

function linear(most) {
  return (median) =>
    [RXVISOR, OBSERVED].map((own) => {
      const number = median(BURST('1,000'), own) / median(BURST('100,000'), own);
      return {
        text: `${own}: a task among 100,000 costs at most ${most}x one among 1,000`,
        number,
        value: `${number.toFixed(2)}x`,
        reached: number <= most,
      };
    });
}

function atMost(row, most, unit) {
  return (median) => {
    const number = median(row, RXVISOR);
    return [
      {
        text: `${row}: at most ${most} ${unit}`,
        number,
        value: round(number),
        reached: number <= most,
      },
    ];
  };
}

function atLeast(row, least, unit) {
  return (median) => {
    const number = median(row, RXVISOR);
    return [
      {
        text: `${row}: at least ${least} ${unit}`,
        number,
        value: number.toFixed(2),
        reached: number >= least,
      },
    ];
  };
}

function pauses(most) {
  return (median) => {
    const row = `${STORM}: loop pause, max`;
    const peer = median(row, 'RxJS retry, timer');
    return [RXVISOR, OBSERVED].map((own) => {
      const number = median(row, own);
      return {
        text: `storm: ${own} pauses the loop at most ${most} ms, or RxJS retry does too`,
        number,
        value: `${round(number)} ms, RxJS retry ${round(peer)} ms`,
        reached: number <= Math.max(most, peer),
      };
    });
  };
}

function medianOf(samples) {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const round = (number) =>
  number.toLocaleString('en', { maximumFractionDigits: Math.abs(number) < 100 ? 1 : 0 });
