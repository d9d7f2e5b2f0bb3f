/**
 * What is known of one file, and what is done with it: look, plan, run, save.
 */
import { type ISignal, Signal } from '@lumino/signaling';
import { asProblem } from './api';
import type {
  FilesApi,
  IFileOptions,
  IFilePlan,
  IFilePreview,
  IFileProfile,
  IFileProgress,
  IPlanDocument,
  ISavedFiles,
  ISeenFile
} from './files';
import type { IProblem } from './problems';

export type Task = 'impute' | 'profile';
export type Doing = 'look' | 'plan' | 'run' | 'profile' | 'save';

/** What a tab shows, as it is stored with the layout. */
export interface IFileTarget {
  readonly path: string;
  readonly task: Task;
  readonly job: string | null;
}

/** What a command was asked for; null without a path. */
export function targetOf(
  task: Task,
  args: Readonly<Record<string, unknown>>
): IFileTarget | null {
  const { path, job } = args;
  return typeof path === 'string' && path !== ''
    ? { path, task, job: typeof job === 'string' ? job : null }
    : null;
}

const AS_FOUND: IFileOptions = {
  separator: null,
  decimal: null,
  encoding: null,
  missing: [],
  sheet: null,
  header: true
};

export class FileWork {
  constructor(
    private readonly api: FilesApi,
    readonly path: string,
    task: Task,
    job: string | null = null
  ) {
    this.task = task;
    this.job = job;
  }

  /** Something is different now. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What is wanted of the file. */
  task: Task;
  /** How it is to be read, where that was chosen. */
  options = AS_FOUND;
  preview: IFilePreview | null = null;
  /** The plan as it was recommended. */
  recommended: IFilePlan | null = null;
  imputations = 1;
  seed = 0;
  /** What is being done, and how far it is. */
  doing: Doing | null = null;
  progress: IFileProgress | null = null;
  problem: { doing: Doing; problem: IProblem } | null = null;
  /** Id of the job that imputes the file, and whether it left a result. */
  job: string | null;
  hasResult = false;
  /** What there is to know, in sentences. */
  notes: readonly string[] = [];
  saved: ISavedFiles | null = null;
  /** Profile of the whole file. */
  profiled: IFileProfile | null = null;

  /** The plan with the methods that were chosen. */
  get plan(): IPlanDocument | null {
    const plan = this.recommended?.plan ?? null;
    return (
      plan && {
        ...plan,
        columns: plan.columns.map(column => {
          const method = this.chosen.get(column.name);
          return method === undefined || method === column.method
            ? column
            : { ...column, method, reason: '' };
        })
      }
    );
  }

  /** Look at the file, then plan, or profile it. */
  async look(): Promise<void> {
    const seen = await this.during('look', () =>
      this.api.preview(this.path, this.options)
    );
    if (!seen) {
      return;
    }
    this.preview = seen;
    this.recommended = null;
    this.saved = null;
    this.profiled = null;
    this.emit();
    if (this.task === 'profile') {
      await this.profile();
    } else if (this.job === null) {
      await this.replan();
    }
  }

  /** Read the file in another way. */
  async read(change: Partial<IFileOptions>): Promise<void> {
    this.options = { ...this.options, ...change };
    await this.look();
  }

  /** Do something else with the file. */
  async turnTo(task: Task): Promise<void> {
    this.task = task;
    this.emit();
    if (!this.preview) {
      await this.look();
    } else if (task === 'profile') {
      await this.profile();
    } else if (this.job === null && !this.recommended) {
      await this.replan();
    }
  }

  /** Recommend methods; those chosen by hand stay. */
  async replan(): Promise<void> {
    const file = this.file;
    const found =
      file &&
      (await this.during('plan', tell =>
        this.api.plan(file, this.imputations, tell)
      ));
    if (found) {
      this.recommended = found;
      this.emit();
    }
  }

  /** Choose the method of a column; an empty one leaves it alone. */
  choose(column: string, method: string): void {
    this.chosen.set(column, method);
    this.emit();
  }

  /** Say how many imputations are wanted; one or several need other methods. */
  async count(imputations: number): Promise<void> {
    const other = imputations > 1 !== this.imputations > 1;
    this.imputations = imputations;
    this.emit();
    if (other) {
      await this.replan();
    }
  }

  setSeed(seed: number): void {
    this.seed = seed;
    this.emit();
  }

  /** Impute the whole file. */
  async run(): Promise<void> {
    const { file, plan } = this;
    if (!file || !plan) {
      return;
    }
    const how = {
      plan,
      n_imputations: this.imputations,
      random_state: this.seed
    };
    const found = await this.during('run', tell =>
      this.api.run(file, how, tell)
    );
    if (found) {
      this.job = found.job_id;
      this.notes = found.notes;
      this.hasResult = false;
      this.saved = null;
      this.emit();
    }
  }

  /** Plan once more, for another job. */
  async again(): Promise<void> {
    this.job = null;
    this.saved = null;
    this.notes = [];
    this.emit();
    if (!this.recommended) {
      await this.replan();
    }
  }

  /** Write the completed data next to the file. */
  async save(name: string, overwrite: boolean): Promise<void> {
    const { file, job } = this;
    if (!file || job === null) {
      return;
    }
    const how = { job_id: job, name, overwrite };
    this.saved =
      (await this.during('save', tell => this.api.save(file, how, tell))) ??
      null;
    this.emit();
  }

  /** The job has ended. */
  end(hasResult: boolean): void {
    this.hasResult = hasResult;
    this.emit();
  }

  /** Say what went wrong with the rows that are shown. */
  fail(problem: IProblem): void {
    this.problem = { doing: 'look', problem };
    this.emit();
  }

  /** The file as it was looked at. */
  get file(): ISeenFile | null {
    const { path, options, preview } = this;
    return preview && { path, options, fingerprint: preview.fingerprint };
  }

  private async profile(): Promise<void> {
    const file = this.file;
    const found =
      file &&
      (await this.during('profile', tell => this.api.profile(file, tell)));
    if (found) {
      this.profiled = found;
      this.emit();
    }
  }

  /** Do one thing at a time; what was begun later is what counts. */
  private async during<T>(
    doing: Doing,
    work: (tell: (progress: IFileProgress) => void) => Promise<T>
  ): Promise<T | undefined> {
    const turn = ++this.turn;
    this.doing = doing;
    this.progress = null;
    this.problem = null;
    this.emit();
    try {
      const found = await work(progress => {
        if (turn === this.turn) {
          this.progress = progress;
          this.emit();
        }
      });
      return turn === this.turn ? found : undefined;
    } catch (error) {
      if (turn === this.turn) {
        this.problem = { doing, problem: asProblem(error) };
      }
      return undefined;
    } finally {
      if (turn === this.turn) {
        this.doing = null;
        this.progress = null;
        this.emit();
      }
    }
  }

  private emit(): void {
    this._changed.emit();
  }

  private turn = 0;
  private readonly chosen = new Map<string, string>();
  private readonly _changed = new Signal<this, void>(this);
}
