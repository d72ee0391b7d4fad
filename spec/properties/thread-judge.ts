import { show } from '../../src/show.js';
import type { Execution, World } from './thread-world.js';

/** Everything that's wrong with how a program has come out; nothing when all is well. */
export const judge = (world: World): string[] =>
  world.executions.flatMap((execution) =>
    RULES.flatMap((rule) => rule(execution, world)).map(
      (what) => `job ${execution.number} ${what}`,
    ),
  );

type Rule = (execution: Execution, world: World) => string[];

/** Whether its thread has died while it was there. */
const wasLost = ({ line, consumer }: Execution) =>
  line?.death !== undefined && line.death !== 'closed' && line.isGone && consumer.isOver;

const mayDrop = ({ job }: Execution) => job.shape.startsWith('pushes') && job.overflow !== 'error';

const codeOf = ({ consumer }: Execution): unknown => {
  const [end] = consumer.ends;
  if (end?.how !== 'error') return end?.how;
  const { code, message } = end.error as { code?: unknown; message?: unknown };
  return code ?? message;
};

const endsOnce: Rule = ({ consumer, isWithdrawn, isAdmitted }) => {
  if (isWithdrawn) return isAdmitted ? ['runs though it was withdrawn'] : [];
  const { ends, afterEnd, isOver } = consumer;
  const said = ends.map(({ how, error }) => `${how} ${show(error)}`).join(', ');
  if (ends.length > 1) return [`ends more than once: ${said}`];
  if (ends.length === 0) return ['never ends'];
  if (!isOver) return [`is never over, after ${said}`];
  return afterEnd > 0 ? [`says ${afterEnd} values after its end: ${said}`] : [];
};

const runsOnce: Rule = ({ producer, taken, isWithdrawn }) => [
  ...(producer.entered > 1 || taken > 1 ? ['runs more than once'] : []),
  ...(isWithdrawn && taken > 0 ? ['runs though it was withdrawn'] : []),
  ...(producer.isBytesShort ? ['gets less than what was moved to it'] : []),
];

const keepsOrder: Rule = ({ consumer, producer, job }) => {
  const numbers = consumer.items.map(({ n }) => n);
  const isOrdered = numbers.every((n, i) => i === 0 || n > (numbers[i - 1] ?? -1));
  const isReal = numbers.every((n) => Number.isInteger(n) && n < producer.emitted && n !== job.bad);
  const isWhole = consumer.items.every(({ bytes }) => !job.moves || bytes?.byteLength === 4);
  if (isOrdered && isReal && isWhole) return [];
  return [
    `emitted ${producer.emitted}, of which come ${numbers.join(' ')}${isWhole ? '' : ', not whole'}`,
  ];
};

/** What has been emitted comes over, up to the value that can't. */
const losesNothing: Rule = (execution) => {
  const { consumer, producer, job, taken } = execution;
  if (taken === 0) return consumer.items.length > 0 ? ['emits though it never ran'] : [];
  const numbers = consumer.items.map(({ n }) => n);
  const isPrefix = numbers.every((n, i) => n === i);
  const isLossy = mayDrop(execution);
  if (!isLossy && !isPrefix) return [`has a gap: ${numbers.join(' ')}`];
  if (isLossy || consumer.wasAsked || wasLost(execution)) return [];
  const isBad = job.bad >= 0 && job.bad < producer.emitted;
  const wanted = isBad ? job.bad : producer.emitted - (producer.wasStopped ? 1 : 0);
  return numbers.length === wanted
    ? []
    : [`emitted ${wanted} values, of which come ${numbers.length}`];
};

/** A policy drops only what it says, and only when the consumer is behind. */
const dropsByPolicy: Rule = (execution) => {
  const { consumer, producer, job, emissions } = execution;
  if (!mayDrop(execution)) return [];
  if (consumer.wasAsked || wasLost(execution) || codeOf(execution) === 'ERR_RXVISOR_CLONE')
    return [];
  const taken = new Set(consumer.items.map(({ n }) => n));
  const half = Math.floor(job.window / 2);
  const found: string[] = [];
  let accepted = 0;
  for (let n = 0; n < producer.emitted; n++) {
    if (taken.has(n)) {
      accepted++;
      const ahead = accepted - (emissions[n]?.consumed ?? 0);
      if (ahead > job.window) found.push(`is ${ahead} ahead with value ${n}, of ${job.window}`);
      continue;
    }
    const at = job.overflow === 'drop-newest' ? n : n + half;
    const known = emissions[at]?.known;
    if (known === undefined)
      found.push(`drops value ${n} of ${producer.emitted}, which is of the newest`);
    else if (accepted - known < Math.max(1, half))
      found.push(`drops value ${n}, with ${accepted} accepted and ${known} known to be consumed`);
  }
  return found;
};

/** A source that pushes overflows when it's a window ahead, not sooner, and never goes on beyond. */
const overflowsInTime: Rule = (execution) => {
  const { job, emissions, producer } = execution;
  if (job.overflow !== 'error' || !job.shape.startsWith('pushes')) return [];
  const tooFar = emissions.findIndex(({ consumed }, n) => n + 1 - consumed > job.window);
  if (tooFar >= 0 && tooFar < producer.emitted - 1)
    return [`goes on after value ${tooFar}, too far ahead`];
  if (codeOf(execution) !== 'ERR_RXVISOR_OVERFLOW') return [];
  const last = emissions.at(-1);
  if (!producer.wasStopped || !last) return ['overflows without having been stopped'];
  const ahead = producer.emitted - last.known;
  return ahead > job.window
    ? []
    : [`overflows though it's ${ahead} ahead at the most, of ${job.window}`];
};

/** It ends as its source does, unless it was cancelled or its thread died. */
const endsAsItself: Rule = (execution, { lines, modules }) => {
  const { consumer, producer, job, line } = execution;
  const end = codeOf(execution);
  const isBad = job.bad >= 0 && job.bad < producer.emitted;
  const isForced = execution.wasForced;
  const allowed = new Set<unknown>();
  if (consumer.wasAsked || isForced) allowed.add('complete');
  if (job.argument === 'bad') allowed.add('ERR_RXVISOR_CLONE');
  else if (producer.isOver) {
    if (isBad) allowed.add('ERR_RXVISOR_CLONE');
    if (!isBad || consumer.wasAsked || mayDrop(execution))
      allowed.add(producer.hasFailed ? producer.failure.message : 'complete');
  } else if (isBad) allowed.add('ERR_RXVISOR_CLONE');
  if (producer.wasStopped) {
    allowed.delete('complete');
    if (consumer.wasAsked || isForced) allowed.add('complete');
    allowed.add(isBad ? 'ERR_RXVISOR_CLONE' : 'ERR_RXVISOR_OVERFLOW');
    if (isBad) allowed.add('ERR_RXVISOR_OVERFLOW');
  }
  if (modules === 'bad') allowed.add('ERR_RXVISOR_WORKER_CRASH');
  if (line?.death && line.death !== 'closed') allowed.add('ERR_RXVISOR_WORKER_CRASH');
  // It was on one that has never been up.
  if (lines.some(({ isGone, isUp }) => isGone && !isUp)) allowed.add('ERR_RXVISOR_WORKER_CRASH');
  // What has been moved to a thread that died before it took it up is gone.
  if (job.argument === 'moved' && lines.some(({ isGone }) => isGone))
    allowed.add('ERR_RXVISOR_WORKER_CRASH');
  return end === undefined || allowed.has(end)
    ? []
    : [`ends with ${show(end)}, not ${[...allowed].join(' or ')}`];
};

/**
 * Over means that its teardown is, where its thread has lived to do that. What its source still fails with
 * after it has failed for another reason (a value that can't cross) may be told in the same way.
 */
const tearsDown: Rule = (execution) => {
  const { producer, consumer, job } = execution;
  if (producer.entered === 0 || !consumer.isOver || wasLost(execution)) return [];
  if (!producer.hasTornDown) return ['is over before its teardown'];
  const isSecond = producer.hasFailed && codeOf(execution) !== producer.failure.message;
  const fails = job.teardown.startsWith('fails') ? 1 : 0;
  const failed = consumer.teardownErrors.length;
  const isTold = failed === fails || (isSecond && failed === fails + 1);
  return isTold ? [] : [`tells ${failed} errors of its end, not ${fails}`];
};

const RULES: readonly Rule[] = [
  endsOnce,
  runsOnce,
  keepsOrder,
  losesNothing,
  dropsByPolicy,
  overflowsInTime,
  endsAsItself,
  tearsDown,
];
