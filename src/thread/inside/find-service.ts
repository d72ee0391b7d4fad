import { isService } from '../../task/is-service.js';
import type { AnyFunction, TaskContext } from '../../task/shapes.js';

type Class = new (...args: unknown[]) => { run(context: TaskContext): unknown };

/**
 * Looks up a service's class among the exports of a module: by the name of the export, else by its own.
 * Each attempt constructs an instance, and runs it.
 */
export function findService(
  exports: Readonly<Record<string, unknown>>,
  name: string,
): AnyFunction | undefined {
  const named = Object.values(exports).filter((each) => isNamed(each, name));
  const found = [exports[name], ...named].find(isService);
  return found === undefined ? undefined : toPayload(found as Class);
}

const isNamed = (value: unknown, name: string) =>
  typeof value === 'function' && value.name === name;

const toPayload =
  (Class: Class) =>
  (...given: [...unknown[], TaskContext]): unknown => {
    const context = given.pop() as TaskContext;
    return new Class(...given).run(context);
  };
