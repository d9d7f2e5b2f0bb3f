/**
 * Requests for rows: pages of them, files of all of them, and what they belong to.
 */
import type { WranglerApi } from './api';
import type { Job, ResultManifest, RowPage, WhyDocument } from './contract';
import type { Target } from './open';

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

/** A cell of a completed data set; the row is its position in the data, from 0. */
export interface ICellName {
  readonly row: number;
  readonly column: string;
  readonly imputation: number;
}

/** Kinds of file that a completed data set is given as. */
export type ExportFormat = 'csv' | 'parquet' | 'xlsx';

/** A place in the data. */
export interface IBlock {
  readonly offset: number;
  readonly limit: number;
  readonly columns: readonly string[];
  /** Position of the first of these columns. */
  readonly first: number;
}

/** What is submitted again. */
export type Repeat = Pick<Job, 'dataset_version_id' | 'spec' | 'name'>;

/** Requests for what a job left, or for a version of a saved result. */
export class RowsApi {
  constructor(
    private readonly api: WranglerApi,
    private readonly target: Target
  ) {}

  /** What it holds. */
  async manifest(): Promise<ResultManifest> {
    const last = 'job_id' in this.target ? [] : ['manifest'];
    return (await this.api.request(this.url(...last))) as ResultManifest;
  }

  /** A page of completed rows. */
  async page(
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
    return (await this.api.request(`${this.url('rows')}?${query.toString()}`, {
      signal
    })) as RowPage;
  }

  /** Why a cell holds its value; the row is its position in the data. */
  async why(cell: ICellName, signal: AbortSignal): Promise<WhyDocument> {
    const query = new URLSearchParams({
      row: String(cell.row),
      column: cell.column,
      imputation: String(cell.imputation)
    });
    return (await this.api.request(`${this.url('why')}?${query.toString()}`, {
      signal
    })) as WhyDocument;
  }

  /** A completed data set as a file, made by the service. */
  async file(imputation: number, format: ExportFormat): Promise<Blob> {
    const query = new URLSearchParams({
      imputation: String(imputation),
      format
    });
    return await this.api.download(`${this.url('export')}?${query.toString()}`);
  }

  /** Submit the same again as a new job. */
  async again(repeat: Repeat): Promise<Job> {
    const { dataset_version_id, spec, name } = repeat;
    return (await this.api.request(this.api.url('jobs'), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ dataset_version_id, spec, name, force: true })
    })) as Job;
  }

  private url(...last: readonly string[]): string {
    const { target } = this;
    return 'job_id' in target
      ? this.api.url(
          'jobs',
          encodeURIComponent(target.job_id),
          'result',
          ...last
        )
      : this.api.url(
          'results',
          encodeURIComponent(target.result_id),
          'versions',
          String(target.n),
          ...last
        );
  }
}
