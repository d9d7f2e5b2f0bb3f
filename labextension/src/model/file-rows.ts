/**
 * Rows of a file that is looked at: fetched in blocks, counted while it is shown.
 */
import { type ISignal, Signal } from '@lumino/signaling';
import { asProblem } from './api';
import type { RowPage } from './contract';
import type { FilesApi, IFileRows, ISeenFile } from './files';
import type { IColumn, IGridSource, Order } from './grid';
import { type ICell, PageStore } from './pages';
import type { IBlock } from './rows-api';
import type { IProblem } from './problems';

/** Times that rows are counted on, each about a second, before it is left at that. */
const COUNTS = 300;

/** The cell that has the focus. */
export interface IFileCell extends ICell {
  readonly label: string;
  readonly column: IColumn;
}

export class FileRowsModel implements IGridSource {
  constructor(
    private readonly api: FilesApi,
    private readonly file: ISeenFile,
    readonly columns: readonly IColumn[],
    known: { n_rows: number | null; rows_read: number }
  ) {
    this.found = known.n_rows ?? known.rows_read;
    this.counted = known.n_rows !== null;
    this.store = new PageStore(
      (block, signal) => this.page(block, signal),
      columns.map(({ name }) => name)
    );
    this.store.arrived.connect(() => {
      this._changed.emit();
    });
    this.store.failed.connect((_, error) => {
      this._failed.emit(asProblem(error));
    });
    void this.count();
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Never emits: a file that is read in another way has another model. */
  get asked(): ISignal<this, PageStore> {
    return this._asked;
  }

  /** Emits when rows could not be read. */
  get failed(): ISignal<this, IProblem> {
    return this._failed;
  }

  /** The cell that has the focus, once it is there. */
  get focus(): IFileCell | null {
    const { row, column } = this.at;
    const about = this.columns[column];
    const cell =
      about && row < this.found ? this.store.cell(row, column) : null;
    return about && cell
      ? { ...cell, label: String(row + 1), column: about }
      : null;
  }

  look(row: number, column: number): void {
    this.at = { row, column };
    this._changed.emit();
  }

  order(): Order {
    return null;
  }

  dispose(): void {
    this.left.abort();
    this.store.dispose();
    Signal.clearData(this);
  }

  private async page(block: IBlock, signal: AbortSignal): Promise<RowPage> {
    const { offset, limit, first, columns } = block;
    const asked = {
      offset,
      limit,
      first_column: first,
      n_columns: columns.length
    };
    const found = await this.api.rows(this.file, asked, signal);
    this.note(found);
    const rows = found.cells.map((_, k) => offset + k);
    return {
      imputation: null,
      n_rows: this.found,
      n_found: this.found,
      offset,
      columns: [],
      rows,
      index: rows.map(row => String(row + 1)),
      cells: found.cells,
      imputed: []
    };
  }

  /** Count the rows, a second at a time, and let pages come between. */
  private async count(): Promise<void> {
    const { signal } = this.left;
    const asked = { offset: 0, limit: 0, first_column: 0, n_columns: 1 };
    try {
      for (let k = 0; k < COUNTS && !this.counted && !signal.aborted; k++) {
        this.note(await this.api.rows(this.file, asked, signal));
        this._changed.emit();
      }
    } catch (error) {
      if (!signal.aborted) {
        this._failed.emit(asProblem(error));
      }
    }
  }

  private note({ n_rows, counted, share }: IFileRows): void {
    // answers may overtake each other
    if (!this.counted) {
      this.found = counted ? n_rows : Math.max(this.found, n_rows);
      this.counted = counted;
      this.share = share;
    }
  }

  readonly store: PageStore;
  found: number;
  /** Whether these are all rows, and which share of the file was counted. */
  counted: boolean;
  share = 0;
  private at = { row: -1, column: -1 };
  private readonly left = new AbortController();
  private readonly _changed = new Signal<this, void>(this);
  private readonly _asked = new Signal<this, PageStore>(this);
  private readonly _failed = new Signal<this, IProblem>(this);
}
