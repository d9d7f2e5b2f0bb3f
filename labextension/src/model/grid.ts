/**
 * What a grid of rows shows: those of a result, or those of a file.
 */
import type { ISignal } from '@lumino/signaling';
import type { PageStore } from './pages';

/** A column of the data. */
export interface IColumn {
  readonly name: string;
  readonly dtype: string;
  /** Share of its cells that were missing when the data were handed in. */
  readonly missing: number;
  readonly imputed: number;
}

export type Order = 'ascending' | 'descending' | null;

export interface IGridSource {
  readonly columns: readonly IColumn[];
  /** Rows that there are, as far as is known. */
  readonly found: number;
  readonly store: PageStore;
  readonly changed: ISignal<unknown, void>;
  /** Emits when other rows are wanted: everything that was drawn is out of date. */
  readonly asked: ISignal<unknown, PageStore>;
  /** Put the focus on a cell. */
  look(row: number, column: number): void;
  /** How the rows are sorted by a column. */
  order(name: string): Order;
  /** Sort by a column; not there where rows stay as they are. */
  sortBy?(name: string): void;
}
