/**
 * What the service answers, under the names of `jupyter_wrangler/contract`.
 *
 * The types are generated from the service's OpenAPI document (`jlpm contract:generate`).
 */
import type { Job, QueuePlace } from './api-types';

export type {
  ColumnSummary,
  DatasetVersion,
  Findings,
  Health,
  ImputationSpec,
  ImputationSummary,
  Job,
  JobCard,
  JobChange,
  JobError,
  JobPage,
  Me,
  NamedResult,
  NamedResultPage,
  PartProgress,
  Preview,
  Progress,
  QueueList,
  QueuePlace,
  ResultComparison,
  ResultDeletion,
  ResultManifest,
  ResultVersion,
  ResultVersionPage,
  RowPage,
  WhyDocument,
  WorkerList
} from './api-types';

/** An event about a job that waits. */
export interface IQueueUpdate {
  job_id: string;
  queue: QueuePlace | null;
}

export type JobState = Job['state'];

/** States that a job does not leave by itself. */
export const FINAL: ReadonlySet<JobState> = new Set<JobState>([
  'succeeded',
  'failed',
  'timed_out',
  'cancelled',
  'quarantined'
]);

/** Whether the job has ended, in whatever way. */
export function isFinal(job: Job): boolean {
  return FINAL.has(job.state);
}

/** Whether the job has ended without its result, and may be tried again. */
export function canRetry(job: Job): boolean {
  return isFinal(job) && job.state !== 'succeeded';
}
