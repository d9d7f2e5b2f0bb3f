/**
 * The list of jobs: how pages, events and ticks merge into it.
 *
 * Pure functions over immutable lists, newest first.  Events come in the order in
 * which things happened; a page may be older than what is known, because it was
 * asked for before the last event came.
 */
import { type Job, type Progress, type QueuePlace, isFinal } from './contract';

export type Jobs = readonly Job[];

function newestFirst(a: Job, b: Job): number {
  return (
    Date.parse(b.created_at) - Date.parse(a.created_at) ||
    (a.id < b.id ? 1 : -1)
  );
}

/** Whether a job was not begun again in between. */
function sameEnd(known: Job, job: Job): boolean {
  return known.finished_at === job.finished_at;
}

/** What only one of the two answers tells is kept. */
function join(known: Job | undefined, job: Job): Job {
  if (!known) {
    return job;
  }
  return {
    ...job,
    summary:
      job.summary ?? (sameEnd(known, job) ? (known.summary ?? null) : null),
    // a job event carries no tick when Redis has lost it
    progress:
      job.progress ??
      (job.state === known.state ? (known.progress ?? null) : null)
  };
}

/** Put in one job as an event or an answer tells it. */
export function withJob(jobs: Jobs, job: Job): Jobs {
  const known = jobs.find(other => other.id === job.id);
  return [...jobs.filter(other => other.id !== job.id), join(known, job)].sort(
    newestFirst
  );
}

/**
 * Take over a page: what it does not name is gone.
 *
 * `fresh` tells of a job whether something was heard of it since the page was asked
 * for; that is newer, and stays.
 */
export function withPage(
  jobs: Jobs,
  page: Jobs,
  fresh: (id: string) => boolean = () => false
): Jobs {
  const known = new Map(jobs.map(job => [job.id, job]));
  const kept = jobs.filter(({ id }) => fresh(id));
  const told = page.filter(({ id }) => !known.has(id) || !fresh(id));
  return [...kept, ...told.map(job => join(known.get(job.id), job))].sort(
    newestFirst
  );
}

/** Put in one tick; a tick of an unknown or finished job changes nothing. */
export function withProgress(jobs: Jobs, progress: Progress): Jobs {
  const job = jobs.find(other => other.id === progress.job_id);
  if (!job || isFinal(job)) {
    return jobs;
  }
  // the worker's first tick may overtake the event that says "running"
  const state = job.state === 'queued' ? 'running' : job.state;
  return jobs.map(other =>
    other === job ? { ...job, state, progress } : other
  );
}

/** Put in the place of one job in the queue; nothing changes once it runs. */
export function withPlace(
  jobs: Jobs,
  id: string,
  queue: QueuePlace | null
): Jobs {
  const job = jobs.find(other => other.id === id);
  return job?.state === 'queued'
    ? jobs.map(other => (other === job ? { ...job, queue } : other))
    : jobs;
}

/** Jobs that ended between two lists, in the order in which they are shown. */
export function justFinished(before: Jobs, after: Jobs): Jobs {
  const open = new Set(before.filter(job => !isFinal(job)).map(job => job.id));
  return after.filter(job => isFinal(job) && open.has(job.id));
}

/** Whether a job ended, or began again, between two lists. */
export function hasEndedOrRestarted(
  id: string,
  before: Jobs,
  after: Jobs
): boolean {
  const [old, now] = [before, after].map(jobs =>
    jobs.find(job => job.id === id)
  );
  return old?.finished_at !== now?.finished_at;
}

/** A job as it is shown while an action on it is not yet confirmed. */
export function withPending(
  job: Job,
  pending: { cancelling: boolean; retrying: boolean; finishing?: boolean }
): Job {
  if (pending.retrying) {
    return {
      ...job,
      state: 'queued',
      error: null,
      started_at: null,
      finished_at: null
    };
  }
  if (isFinal(job)) {
    return job;
  }
  if (pending.cancelling) {
    return { ...job, state: 'cancelling' };
  }
  return pending.finishing ? { ...job, finishing: true } : job;
}
