/**
 * Files of the Jupyter server: what is asked about them, and answered.
 *
 * The names are those of `jupyter_wrangler/contract/files.py`; a test compares them.
 */
import { URLExt } from '@jupyterlab/coreutils';
import { RequestFailed, type WranglerApi } from './api';

/** How a file is to be read; what is null is looked for in it. */
export interface IFileOptions {
  readonly separator: string | null;
  readonly decimal: '.' | ',' | null;
  readonly encoding: string | null;
  readonly missing: readonly string[];
  readonly sheet: string | null;
  /** Whether the first line, or row of a sheet, holds the names of the columns. */
  readonly header: boolean;
}

export interface IFileDialect {
  readonly separator: string;
  readonly decimal: string;
  readonly encoding: string;
  readonly marked: boolean;
  readonly windows: boolean;
}

export interface IFileColumn {
  readonly name: string;
  readonly type: 'integer' | 'float' | 'boolean' | 'datetime' | 'text';
  readonly n_missing: number;
}

export interface IFilePreview {
  readonly name: string;
  readonly kind: string;
  readonly size: number;
  readonly fingerprint: string;
  readonly dialect: IFileDialect | null;
  readonly sheets: readonly string[];
  readonly sheet: string | null;
  readonly rows_read: number;
  readonly n_rows: number | null;
  readonly about_rows: number | null;
  readonly columns: readonly IFileColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly notes: readonly string[];
  readonly save_as: string;
  readonly code: string;
}

/** Some rows of a file. */
export interface IFileRows {
  readonly offset: number;
  readonly cells: readonly (readonly (string | null)[])[];
  /** Rows that are known so far; of all if `counted`. */
  readonly n_rows: number;
  readonly counted: boolean;
  /** Share of the file that was counted. */
  readonly share: number;
}

export interface IPlannedColumn {
  readonly name: string;
  readonly level: string;
  readonly n_missing: number;
  readonly method: string;
  readonly reason: string;
  readonly missing_values: readonly (string | number | boolean)[];
  readonly predictors: readonly string[] | null;
  readonly min_value: number | null;
  readonly max_value: number | null;
}

export interface IPlanDocument {
  readonly version: 1;
  readonly columns: readonly IPlannedColumn[];
  readonly n_rows: number;
  readonly n_imputations: number | null;
  readonly target: string | null;
  readonly group: string | null;
  readonly warnings: readonly string[];
}

export interface IFilePlan {
  readonly plan: IPlanDocument;
  readonly choices: Readonly<Record<string, readonly string[]>>;
  /** Rows that it rests on, those they were drawn from, and whether these are all. */
  readonly rows_used: number;
  readonly rows_seen: number;
  readonly seen_all: boolean;
}

/** A chart as Vega-Lite 5, what it shows, and its numbers. */
export interface IFileChart {
  readonly title: string;
  readonly sentence: string;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export interface IFileProfile {
  readonly html: string;
  readonly n_rows: number;
  readonly charts: readonly IFileChart[];
}

export interface IFileJob {
  readonly job_id: string;
  readonly notes: readonly string[];
}

export interface ISavedFiles {
  readonly paths: readonly string[];
  readonly n_imputed: number;
}

/** How far the work with a file is. */
export interface IFileProgress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
}

/** A file as it was looked at. */
export interface ISeenFile {
  readonly path: string;
  readonly options: IFileOptions;
  readonly fingerprint: string;
}

type Tell = (progress: IFileProgress) => void;

/** Milliseconds that the work may take; the server gives it up a little sooner. */
const PATIENCE = { preview: 75_000, long: 1_900_000 } as const;

interface ILine {
  progress?: IFileProgress;
  answer?: unknown;
  error?: { code: string; message: string };
}

export class FilesApi {
  constructor(private readonly api: WranglerApi) {}

  /** Look at the head of a file. */
  async preview(path: string, options: IFileOptions): Promise<IFilePreview> {
    const body = { path, options };
    return (await this.ask('preview', body, PATIENCE.preview)) as IFilePreview;
  }

  /** Read some rows; with a limit of 0, only count them on. */
  async rows(
    file: ISeenFile,
    block: {
      offset: number;
      limit: number;
      first_column: number;
      n_columns: number;
    },
    signal: AbortSignal
  ): Promise<IFileRows> {
    const asked = { ...init({ ...file, ...block }), signal };
    return (await this.api.request(
      this.url('rows'),
      asked,
      PATIENCE.preview
    )) as IFileRows;
  }

  /** Recommend a method for each column. */
  async plan(
    file: ISeenFile,
    n_imputations: number,
    tell: Tell
  ): Promise<IFilePlan> {
    const body = { ...file, n_imputations };
    return (await this.follow('plan', body, tell)) as IFilePlan;
  }

  /** Look at the whole file. */
  async profile(file: ISeenFile, tell: Tell): Promise<IFileProfile> {
    return (await this.follow('profile', file, tell)) as IFileProfile;
  }

  /** Impute the whole file in the background. */
  async run(
    file: ISeenFile,
    how: { plan: IPlanDocument; n_imputations: number; random_state: number },
    tell: Tell
  ): Promise<IFileJob> {
    return (await this.follow('run', { ...file, ...how }, tell)) as IFileJob;
  }

  /** Write completed data next to the file that they come from. */
  async save(
    file: ISeenFile,
    how: { job_id: string; name: string; overwrite: boolean },
    tell: Tell
  ): Promise<ISavedFiles> {
    return (await this.follow(
      'save',
      { ...file, ...how },
      tell
    )) as ISavedFiles;
  }

  private async ask(
    verb: string,
    body: object,
    patience: number
  ): Promise<unknown> {
    return await this.api.request(this.url(verb), init(body), patience);
  }

  private async follow(
    verb: string,
    body: object,
    tell: Tell
  ): Promise<unknown> {
    const last = (await this.api.lines(
      this.url(verb),
      init(body),
      PATIENCE.long,
      line => {
        const { progress } = line as ILine;
        if (progress) {
          tell(progress);
        }
      }
    )) as ILine | null;
    if (last?.answer === undefined) {
      throw new RequestFailed(
        last?.error ?? { code: 'jupyter_unreachable', message: '' }
      );
    }
    return last.answer;
  }

  private url(verb: string): string {
    const { baseUrl } = this.api.settings;
    return URLExt.join(baseUrl, 'api/wrangler/files', verb);
  }
}

function init(body: object): RequestInit {
  return {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' }
  };
}

/** Endings of the files that are read, and of those that may be compressed. */
const PLAIN = ['csv', 'tsv', 'parquet', 'feather', 'xlsx'];
const TEXT = /\.(csv|tsv)\.(gz|bz2|xz|zst|zip)$/i;

/** Whether a file of this name can be imputed. */
export function isTable(name: string): boolean {
  const ending = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return PLAIN.includes(ending) || TEXT.test(name);
}
