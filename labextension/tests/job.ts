import type {
  Findings,
  ImputationSpec,
  ImputationSummary,
  Job,
  Progress
} from '../src/model/contract';

/** What lists show of a spec. */
export const spec = {
  kind: 'imputation',
  method: 'pmm',
  n_imputations: 5
} as ImputationSpec;

/** A job as the service would tell it. */
export function job(change: Partial<Job> = {}): Job {
  return {
    id: '6b2a8f0e-0000-4000-8000-000000000001',
    name: 'penguins',
    dataset_name: 'data-6b2a',
    state: 'running',
    kind: 'imputation',
    dataset_version_id: '6b2a8f0e-0000-4000-8000-0000000000d1',
    spec,
    brief: false,
    n_parts: 5,
    parts_done: 0,
    parts_kept: 0,
    n_finished: 0,
    priority: 'normal',
    can_finish: false,
    finishing: false,
    partial: false,
    attempts: 1,
    reused: false,
    reuses: 0,
    progress: null,
    error: null,
    summary: null,
    created_at: '2026-11-22T14:02:00Z',
    started_at: '2026-11-22T14:02:01Z',
    finished_at: null,
    ...change
  };
}

export function tick(change: Partial<Progress> = {}): Progress {
  return {
    job_id: job().id,
    done: 31,
    total: 50,
    message: "imputation 4 of 5, round 1 of 10, column 'bill_length_mm'",
    eta_s: 38.4,
    parts: [],
    ...change
  };
}

/** What an imputation did. */
export function summary(
  filled: Readonly<Record<string, number>>,
  change: Partial<ImputationSummary> = {}
): ImputationSummary {
  const columns = Object.entries(filled).map(([name, n_imputed]) => ({
    name,
    level: 'continuous',
    method: 'pmm',
    n_missing: n_imputed,
    n_imputed,
    observed: {},
    imputed: {}
  }));
  const n_imputed = columns.reduce((sum, column) => sum + column.n_imputed, 0);
  return {
    n_rows: 344,
    n_columns: columns.length,
    n_missing: n_imputed,
    n_imputed,
    columns,
    events: [],
    ...change
  };
}

/** What a look at the data found. */
export function findings(...sentences: string[]): Findings {
  return { kind: 'analysis', sentences };
}
