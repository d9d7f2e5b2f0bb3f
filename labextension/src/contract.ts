/**
 * What the service answers, as far as the panel reads it.
 *
 * The words are those of `jupyter_wrangler/contract`, which is the truth.
 */

export type JobState =
  | 'queued'
  | 'running'
  | 'cancelling'
  | 'succeeded'
  | 'failed'
  | 'timed_out'
  | 'cancelled'
  | 'quarantined';

/** States that a job does not leave by itself. */
export const FINAL: ReadonlySet<JobState> = new Set<JobState>([
  'succeeded',
  'failed',
  'timed_out',
  'cancelled',
  'quarantined'
]);

/** Where a running job stands. */
export interface IProgress {
  job_id: string;
  done: number;
  total: number;
  /** Words for people: "imputation 2 of 5, round 3 of 10, column 'bmi'". */
  message: string;
  /** Seconds left as far as can be told. */
  eta_s: number | null;
}

/** Why a job ended without a result. */
export interface IJobError {
  code: string;
  message: string;
}

/** What a look at the data found, in whole sentences. */
export interface IFindings {
  sentences: readonly string[];
}

/** What an imputation did; only `GET /jobs/{id}` tells it. */
export interface ISummary {
  n_rows: number;
  n_columns: number;
  n_missing: number;
  n_imputed: number;
  columns: readonly { name: string; n_imputed: number }[];
}

export interface IJob {
  id: string;
  name: string | null;
  dataset_name: string;
  state: JobState;
  kind: 'imputation' | 'analysis' | 'correlation' | 'comparison';
  spec: { n_imputations?: number };
  progress: IProgress | null;
  error: IJobError | null;
  summary: ISummary | IFindings | null;
  /** Seconds that it was thought to take; services of before do not tell. */
  estimate_s?: number | null | undefined;
  /** How often the same was asked for again, and this job found. */
  reuses?: number;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

export interface IJobPage {
  items: readonly IJob[];
  next: string | null;
}

/** What `/health/ready` answers, with status 200 or 503. */
export interface IHealth {
  status: 'ok' | 'degraded' | 'down';
  /** Name of a part -> "ok" or the sentence that says what is wrong. */
  checks: Readonly<Record<string, string>>;
  workers: number;
  /** No worker is there because none is needed. */
  resting?: boolean;
}

/** Whether the job has ended without its result, and may be tried again. */
export function canRetry(job: IJob): boolean {
  return isFinal(job) && job.state !== 'succeeded';
}

/** Whether the job has ended, in whatever way. */
export function isFinal(job: IJob): boolean {
  return FINAL.has(job.state);
}
