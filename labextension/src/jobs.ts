/**
 * The list of jobs: how pages, events and ticks merge into it.
 *
 * Pure functions over immutable lists, newest first.  An event is newer than
 * what is known; a page may be older, because it was asked for before the
 * last event came.
 */
import { type IJob, type IProgress, isFinal } from './contract';

export type Jobs = readonly IJob[];

function newestFirst(a: IJob, b: IJob): number {
  return (
    Date.parse(b.created_at) - Date.parse(a.created_at) ||
    (a.id < b.id ? 1 : -1)
  );
}

/** What only one of the two answers tells is kept. */
function join(known: IJob | undefined, job: IJob): IJob {
  if (!known) {
    return job;
  }
  return {
    ...job,
    summary: job.summary ?? known.summary,
    // a job event carries no tick when Redis has lost it
    progress:
      job.progress ?? (job.state === known.state ? known.progress : null)
  };
}

/** Put in one job as an event or an answer tells it. */
export function withJob(jobs: Jobs, job: IJob): Jobs {
  const known = jobs.find(other => other.id === job.id);
  return [...jobs.filter(other => other.id !== job.id), join(known, job)].sort(
    newestFirst
  );
}

/** Whether a job was begun again after the end that is known of it. */
function retried(known: IJob, job: IJob): boolean {
  return (
    known.finished_at !== null &&
    job.started_at !== null &&
    Date.parse(job.started_at) > Date.parse(known.finished_at)
  );
}

/**
 * Take over a page: what it does not name is gone, and what has ended stays
 * ended, unless it was tried again.
 */
export function withPage(jobs: Jobs, page: Jobs): Jobs {
  const known = new Map(jobs.map(job => [job.id, job]));
  return page
    .map(job => {
      const old = known.get(job.id);
      return old && isFinal(old) && !isFinal(job) && !retried(old, job)
        ? old
        : join(old, job);
    })
    .sort(newestFirst);
}

/** Put in one tick; a tick of an unknown or finished job changes nothing. */
export function withProgress(jobs: Jobs, progress: IProgress): Jobs {
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

/** Jobs that ended between two lists, in the order in which they are shown. */
export function justFinished(before: Jobs, after: Jobs): Jobs {
  const open = new Set(before.filter(job => !isFinal(job)).map(job => job.id));
  return after.filter(job => isFinal(job) && open.has(job.id));
}
