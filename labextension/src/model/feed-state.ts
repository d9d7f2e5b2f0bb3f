/**
 * What a feed knows of jobs, and of what was asked for.
 */
import { hasEndedOrRestarted, type Jobs } from './jobs';
import type { IProblem } from './problems';

/** What the panel shows. */
export interface IFeedState {
  jobs: Jobs;
  /** False until the first answer: nothing is known yet. */
  loaded: boolean;
  /** Whether events come; otherwise the list is asked for now and then. */
  live: boolean;
  /** Whether the list could not be asked for: it is what was known last. */
  stale: boolean;
  problem: IProblem | null;
  /** Ids of jobs whose end was asked for and not yet confirmed. */
  cancelling: ReadonlySet<string>;
  /** Ids of jobs for which another try was asked and not yet confirmed. */
  retrying: ReadonlySet<string>;
  /** Ids of jobs that were asked to end with what they have, not yet confirmed. */
  finishing: ReadonlySet<string>;
  /** Jobs that single views follow, listed or not. */
  followed: Jobs;
  /** Ids of followed jobs that the service does not know. */
  unknown: ReadonlySet<string>;
  /** Job id -> what could not be asked for, and why. */
  refused: ReadonlyMap<string, IRefusal>;
}

/** An action that was not accepted. */
export interface IRefusal {
  action: 'cancel' | 'retry' | 'finish' | 'prioritize';
  problem: IProblem;
}

/** Before the first answer. */
export const INITIAL: IFeedState = {
  jobs: [],
  loaded: false,
  live: false,
  stale: false,
  problem: null,
  cancelling: new Set(),
  retrying: new Set(),
  finishing: new Set(),
  followed: [],
  unknown: new Set(),
  refused: new Map()
};

/** Ids without those of some jobs. */
export function withoutAll(
  ids: ReadonlySet<string>,
  jobs: Jobs
): ReadonlySet<string> {
  const found = new Set(jobs.map(job => job.id));
  return new Set([...ids].filter(id => !found.has(id)));
}

/** What was refused, but for jobs that have ended or begun again since. */
export function refusedSince(
  before: IFeedState,
  now: IFeedState
): ReadonlyMap<string, IRefusal> {
  const known = (state: IFeedState) => [...state.jobs, ...state.followed];
  const left = [...now.refused].filter(
    ([id]) => !hasEndedOrRestarted(id, known(before), known(now))
  );
  return new Map(left);
}
