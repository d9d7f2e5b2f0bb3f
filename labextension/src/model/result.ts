/**
 * A result that is looked at: which rows are wanted, and which cell has the focus.
 */
import { type ISignal, Signal } from '@lumino/signaling';
import type { ResultManifest } from './contract';
import type { IColumn, IGridSource, Order } from './grid';
import { type ICell, PageStore } from './pages';
import { RequestFailed } from './api';
import type { IProblem } from './problems';
import type {
  ICellName,
  IFilter,
  IQuestion,
  Repeat,
  RowsApi
} from './rows-api';
import { WhyModel } from './why';

/** The cell that has the focus. */
export interface IFocus extends ICell {
  readonly row: number;
  /** Position among the rows of the data, from 0, and the label there. */
  readonly position: number;
  readonly label: string;
  readonly column: IColumn;
}

/** What a result is called, and what can be made of it. */
export interface IResultOf {
  readonly name: string;
  /** "5 imputations by pmm". */
  readonly what: string;
  /** What was filled; empty if there is nothing to say. */
  readonly line: string;
  /** The code that gives it in a notebook, with one imputation. */
  readonly code: (imputation: number) => string;
  /** What is submitted to compute it again. */
  readonly repeat: Repeat;
}

export const ALL: IQuestion = {
  imputation: 0,
  sort: null,
  descending: false,
  filters: []
};

/** What is wrong, whatever was thrown. */
export function problemFrom(error: unknown): IProblem {
  return error instanceof RequestFailed
    ? error.problem
    : { code: 'wrangler_error', message: String(error) };
}

/** Columns of a result, with what became of each. */
export function columnsOf(manifest: ResultManifest): IColumn[] {
  const { dataset_version: data, summary } = manifest;
  const done = new Map(
    summary && 'columns' in summary
      ? summary.columns.map(column => [column.name, column.n_imputed])
      : []
  );
  return data.columns.map(({ name, dtype, missing }) => ({
    name,
    dtype,
    missing: data.n_rows > 0 ? missing / data.n_rows : 0,
    imputed: done.get(name) ?? 0
  }));
}

/** What may still change about a result while it is looked at. */
export class ResultModel implements IGridSource {
  constructor(
    readonly api: RowsApi,
    readonly of: IResultOf,
    readonly manifest: ResultManifest
  ) {
    this.columns = columnsOf(manifest);
    this.question = {
      ...ALL,
      imputation: manifest.imputations[0]?.imputation ?? 0
    };
    this.store = this.open();
    this.why = new WhyModel(
      (cell, signal) => api.why(cell, signal),
      problemFrom
    );
    this.why.changed.connect(() => {
      this._changed.emit();
    });
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emits when other rows are wanted: everything that was drawn is out of date. */
  get asked(): ISignal<this, PageStore> {
    return this._asked;
  }

  /** Rows that pass the filters; those of the data until that is known. */
  get found(): number {
    return this._found ?? this.manifest.dataset_version.n_rows;
  }

  /** Whether it is known how many rows pass. */
  get counted(): boolean {
    return this._found !== null;
  }

  /** Ask for other rows, or for another order. */
  ask(change: Partial<IQuestion>): void {
    this.question = { ...this.question, ...change };
    this.store.dispose();
    this._found = null;
    this.focus = null;
    this.why.look(null);
    this.problem = null;
    this.store = this.open();
    this._asked.emit(this.store);
    this._changed.emit();
  }

  /** Sort by a column: rising, then falling, then as the data stand. */
  sortBy(name: string): void {
    const { sort, descending } = this.question;
    if (sort !== name) {
      this.ask({ sort: name, descending: false });
    } else if (!descending) {
      this.ask({ descending: true });
    } else {
      this.ask({ sort: null, descending: false });
    }
  }

  /** How the rows are sorted by a column. */
  order(name: string): Order {
    const { sort, descending } = this.question;
    return sort !== name ? null : descending ? 'descending' : 'ascending';
  }

  addFilter(filter: IFilter): void {
    this.ask({ filters: [...this.question.filters, filter] });
  }

  removeFilter(at: number): void {
    this.ask({ filters: this.question.filters.filter((_, i) => i !== at) });
  }

  /** Put the focus on a cell; what is not there yet follows. */
  look(row: number, column: number): void {
    this.at = { row, column };
    this.refocus();
  }

  /** Ask again for what could not be fetched. */
  retry(): void {
    this.problem = null;
    this.store.retry();
    this._asked.emit(this.store);
    this._changed.emit();
  }

  /** Ask again why the cell with the focus holds its value. */
  askWhy(): void {
    const cell = this.cellName();
    if (cell) {
      this.why.retry(cell);
    }
  }

  dispose(): void {
    this.store.dispose();
    this.why.dispose();
    Signal.clearData(this);
  }

  private open(): PageStore {
    const { question } = this;
    const store = new PageStore(
      (block, signal) => this.api.page(question, block, signal),
      this.columns.map(column => column.name)
    );
    store.arrived.connect((_, { found }) => {
      this._found = found;
      this.problem = null;
      this.refocus();
    });
    store.failed.connect((_, error) => {
      this.problem = problemFrom(error);
      this._changed.emit();
    });
    return store;
  }

  private refocus(): void {
    const { row, column } = this.at;
    const about = this.columns[column];
    const cell =
      about && row < this.found ? this.store.cell(row, column) : null;
    const position = cell ? this.store.position(row) : undefined;
    const label = cell ? this.store.label(row) : undefined;
    this.focus =
      about && cell && position !== undefined && label !== undefined
        ? { ...cell, row, position, label, column: about }
        : null;
    this.why.look(this.cellName());
    this._changed.emit();
  }

  /** The cell with the focus, if it was imputed. */
  private cellName(): ICellName | null {
    const { focus, question } = this;
    return focus?.imputed
      ? {
          row: focus.position,
          column: focus.column.name,
          imputation: question.imputation
        }
      : null;
  }

  readonly why: WhyModel;
  readonly columns: readonly IColumn[];
  question: IQuestion;
  store: PageStore;
  focus: IFocus | null = null;
  problem: IProblem | null = null;
  private at = { row: -1, column: -1 };
  private _found: number | null = null;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _asked = new Signal<this, PageStore>(this);
}
