/**
 * Requests for rows: pages of them, files of all of them, and what they belong to.
 */
import type { WranglerApi } from './api';
import type { Job, ResultManifest, RowPage } from './contract';

/** How a filter compares a cell; `RowFilter` of the contract. */
export type Operator =
  | 'contains'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'missing'
  | 'observed'
  | 'imputed';

/** Keeps some rows; without a column those in which any column is so. */
export interface IFilter {
  readonly column: string | null;
  readonly operator: Operator;
  readonly value: string | null;
}

/** Which rows are wanted, and in which order. */
export interface IQuestion {
  readonly imputation: number;
  readonly sort: string | null;
  readonly descending: boolean;
  readonly filters: readonly IFilter[];
}

/** Kinds of file that a completed data set is given as. */
export type ExportFormat = 'csv' | 'parquet' | 'xlsx';

/** A place in the data. */
export interface IBlock {
  readonly offset: number;
  readonly limit: number;
  readonly columns: readonly string[];
}

export class RowsApi {
  constructor(private readonly api: WranglerApi) {}

  /** What a job left. */
  async manifest(job: string): Promise<ResultManifest> {
    return (await this.api.request(
      this.api.url('jobs', encodeURIComponent(job), 'result')
    )) as ResultManifest;
  }

  /** What a version of a saved result holds. */
  async saved(result: string, n: number): Promise<ResultManifest> {
    return (await this.api.request(
      this.api.url(
        'results',
        encodeURIComponent(result),
        'versions',
        String(n),
        'manifest'
      )
    )) as ResultManifest;
  }

  /** A page of completed rows. */
  async page(
    job: string,
    question: IQuestion,
    block: IBlock,
    signal: AbortSignal
  ): Promise<RowPage> {
    const query = new URLSearchParams({
      imputation: String(question.imputation),
      offset: String(block.offset),
      limit: String(block.limit)
    });
    for (const name of block.columns) {
      query.append('columns', name);
    }
    if (question.sort !== null) {
      query.set('sort', question.sort);
      query.set('descending', String(question.descending));
    }
    if (question.filters.length > 0) {
      query.set('filter', JSON.stringify(question.filters));
    }
    const url = this.api.url('jobs', encodeURIComponent(job), 'result/rows');
    return (await this.api.request(`${url}?${query.toString()}`, {
      signal
    })) as RowPage;
  }

  /** A completed data set as a file, made by the service. */
  async file(
    job: string,
    imputation: number,
    format: ExportFormat
  ): Promise<Blob> {
    const query = new URLSearchParams({
      imputation: String(imputation),
      format
    });
    const url = this.api.url('jobs', encodeURIComponent(job), 'result/export');
    return await this.api.download(`${url}?${query.toString()}`);
  }

  /** Submit the same again as a new job. */
  async again(job: Job): Promise<Job> {
    return (await this.api.request(this.api.url('jobs'), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        dataset_version_id: job.dataset_version_id,
        spec: job.spec,
        name: job.name,
        force: true
      })
    })) as Job;
  }
}
