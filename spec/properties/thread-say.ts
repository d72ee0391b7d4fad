import type { Job, Program, Step } from './thread-program.js';

/** A program in words. */
export const sayProgram = ({ size, overlap, maxRuns, modules, together, steps }: Program): string =>
  [
    `threads: ${size}, each with ${overlap} at a time, for ${maxRuns} runs; modules are ${modules}${together ? '; one fails, all are cancelled' : ''}`,
    ...steps.map((step) => `- ${sayStep(step)}`),
  ].join('\n');

function sayStep(step: Step): string {
  switch (step.step) {
    case 'execute':
      return `execute what ${sayJob(step.job)}`;
    case 'flow':
    case 'tick':
    case 'turn':
      return step.step;
    case 'wait':
      return `wait ${step.time} ms`;
    case 'emit':
    case 'ask for':
      return `${step.step} ${step.count} (of ${step.nth})`;
    case 'kill':
      return `thread ${step.nth} ${step.death}`;
    default:
      return `${step.step} (of ${step.nth})`;
  }
}

function sayJob(job: Job): string {
  const { shape, values, fails, teardown, window, overflow, bad, moves, argument, demand } = job;
  return [
    shape,
    ...(shape.startsWith('is pulled') ? [`has ${values} values`] : []),
    ...(fails ? ['fails'] : []),
    ...(teardown === 'none' ? [] : [`has a teardown (${teardown})`]),
    `may be ${window} ahead (${overflow})`,
    ...(bad < 0 ? [] : [`can't clone value ${bad}`]),
    ...(moves ? ['moves its values'] : []),
    ...(argument === 'plain' ? [] : [`has an argument that is ${argument}`]),
    ...(demand === 'always' ? [] : ['is consumed on demand']),
  ].join(', ');
}
