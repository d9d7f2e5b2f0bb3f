/**
 * Ends and further tries of jobs, shown as done until the answer is there.
 */
import { asProblem, type WranglerApi } from './api';
import type { Job } from './contract';
import type { IFeedState, IRefusal } from './feed-state';

/** The job is no longer as it was shown: look at it again. */
const OUTDATED: ReadonlySet<string> = new Set([
  'job_already_finished',
  'conflict'
]);

const PENDING = {
  cancel: 'cancelling',
  retry: 'retrying',
  finish: 'finishing'
} as const;

/** Where requests are shown. */
export interface IRequestTarget {
  state: () => IFeedState;
  set: (change: Partial<IFeedState>) => void;
  /** Take over the answer to a request about a job. */
  ask: (id: string, request: () => Promise<Job>) => Promise<void>;
  /** Read a job again. */
  reload: (id: string) => Promise<void>;
  /** The service does not know the job; whether it is forgotten. */
  lose: (id: string) => boolean;
}

/** Ask for something that is shown as done until the answer is there. */
export async function perform(
  api: WranglerApi,
  target: IRequestTarget,
  action: keyof typeof PENDING,
  id: string
): Promise<void> {
  const pending = PENDING[action];
  target.set({ [pending]: new Set([...target.state()[pending], id]) });
  try {
    await attempt(target, action, id, () => api[action](id));
  } finally {
    const left = new Set(target.state()[pending]);
    left.delete(id);
    target.set({ [pending]: left });
  }
}

/** Ask for something, and keep what was refused. */
export async function attempt(
  target: IRequestTarget,
  action: IRefusal['action'],
  id: string,
  request: () => Promise<Job>
): Promise<void> {
  const refused = new Map(target.state().refused);
  refused.delete(id);
  target.set({ refused });
  try {
    await target.ask(id, request);
  } catch (error) {
    const problem = asProblem(error);
    if (OUTDATED.has(problem.code)) {
      await target.reload(id);
    } else if (problem.code !== 'job_not_found' || !target.lose(id)) {
      const refusal = { action, problem };
      target.set({
        refused: new Map([...target.state().refused, [id, refusal]])
      });
    }
  }
}
