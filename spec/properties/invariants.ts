import * as correspondence from './correspondence.js';
import { errorsAreTold } from './errors-told.js';
import * as grammar from './grammar.js';
import * as groups from './groups.js';
import type { History } from './history.js';
import { policyIsKept } from './policy.js';
import * as resources from './resources.js';
import * as stop from './stop.js';

/** What holds of every run, whatever its program: each says what it finds wrong. */
export const INVARIANTS: readonly ((history: History) => string[])[] = [
  grammar.livesAreGrammatical,
  grammar.attemptsAreCounted,
  grammar.eventsAreInOrder,
  grammar.overdueIsExact,
  grammar.runnerIsGrammatical,
  grammar.eventsAreFrozen,
  grammar.childrenLiveInside,
  correspondence.ownEndsAreTold,
  correspondence.crashesAreReal,
  errorsAreTold,
  correspondence.valuesAreHandled,
  correspondence.listenersSeeTheEnd,
  correspondence.executionsAreTheirSubscribers,
  policyIsKept,
  groups.groupsEndWithTheirMembers,
  groups.membersStopInReverse,
  groups.dependenciesAreKept,
  groups.siblingsRestartTogether,
  stop.stopsAreAskedFor,
  stop.idleStopsAreImmediate,
  stop.endingsAreBounded,
  stop.firstReasonsAreKept,
  stop.shutdownIsBounded,
  stop.teardownsAreOrdered,
  stop.signalsAbortOnce,
  resources.subscriptionsAreClosed,
  resources.nothingIsHeld,
  resources.promisesAreKept,
  resources.failuresAreComplete,
  resources.refusalsAreClean,
];
