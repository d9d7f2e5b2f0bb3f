import type { IJob, IProgress } from '../src/contract';

/** A job as the service would tell it. */
export function job(change: Partial<IJob> = {}): IJob {
  return {
    id: '6b2a8f0e-0000-4000-8000-000000000001',
    name: 'penguins',
    dataset_name: 'data-6b2a',
    state: 'running',
    kind: 'imputation',
    spec: { n_imputations: 5 },
    progress: null,
    error: null,
    summary: null,
    created_at: '2026-11-22T14:02:00Z',
    started_at: '2026-11-22T14:02:01Z',
    finished_at: null,
    ...change
  };
}

export function tick(change: Partial<IProgress> = {}): IProgress {
  return {
    job_id: job().id,
    done: 31,
    total: 50,
    message: "imputation 4 of 5, round 1 of 10, column 'bill_length_mm'",
    eta_s: 38.4,
    ...change
  };
}
