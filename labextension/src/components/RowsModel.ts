/**
 * Rows as a grid takes them: what is not there yet is fetched, and drawn when it comes.
 */
import { DataModel } from '@lumino/datagrid';
import type { IArrival, PageStore } from '../model/pages';
import type { IColumn, ResultModel } from '../model/result';

/** What a cell is, for those who draw it. */
export interface ICellMetadata {
  readonly loading: boolean;
  readonly imputed: boolean;
  readonly column: IColumn | undefined;
  /** Of a heading: whether rows are sorted by it. */
  readonly sorted: 'ascending' | 'descending' | null;
}

const NOTHING = {
  loading: false,
  imputed: false,
  column: undefined,
  sorted: null
} as const;

export class RowsModel extends DataModel {
  constructor(private readonly result: ResultModel) {
    super();
    this.follow(result.store);
    result.asked.connect((_, store) => {
      this.follow(store);
      this.reset();
    });
  }

  rowCount(region: DataModel.RowRegion): number {
    return region === 'body' ? this.drawn : 1;
  }

  columnCount(region: DataModel.ColumnRegion): number {
    return region === 'body' ? this.result.columns.length : 1;
  }

  data(region: DataModel.CellRegion, row: number, column: number): unknown {
    switch (region) {
      case 'body':
        return this.result.store.cell(row, column)?.value;
      case 'row-header':
        return this.result.store.label(row) ?? '';
      case 'column-header':
        return this.result.columns[column]?.name;
      case 'corner-header':
        return '';
    }
  }

  override metadata(
    region: DataModel.CellRegion,
    row: number,
    column: number
  ): DataModel.Metadata {
    const about = this.result.columns[column];
    if (region === 'body') {
      const cell = this.result.store.cell(row, column);
      return {
        loading: !cell,
        imputed: cell?.imputed ?? false,
        column: about,
        sorted: null
      } satisfies ICellMetadata;
    }
    if (region === 'column-header') {
      const { sort, descending } = this.result.question;
      const sorted =
        sort === about?.name ? (descending ? 'descending' : 'ascending') : null;
      return { ...NOTHING, column: about, sorted } satisfies ICellMetadata;
    }
    return NOTHING;
  }

  private follow(store: PageStore): void {
    store.arrived.connect(this.onArrival);
  }

  private readonly onArrival = (_: PageStore, came: IArrival): void => {
    if (came.found !== this.drawn) {
      this.reset();
      return;
    }
    const { row, rows, column, columns } = came;
    if (rows === 0) {
      return;
    }
    this.emitChanged({
      type: 'cells-changed',
      region: 'body',
      row,
      column,
      rowSpan: rows,
      columnSpan: columns
    });
    if (column === 0) {
      this.emitChanged({
        type: 'cells-changed',
        region: 'row-header',
        row,
        column: 0,
        rowSpan: rows,
        columnSpan: 1
      });
    }
  };

  private reset(): void {
    this.drawn = this.result.found;
    this.emitChanged({ type: 'model-reset' });
  }

  private drawn = this.result.found;
}
