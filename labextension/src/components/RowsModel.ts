/**
 * Rows as a grid takes them: what is not there yet is fetched, and drawn when it comes.
 */
import { DataModel } from '@lumino/datagrid';
import type { IColumn, IGridSource, Order } from '../model/grid';
import type { IArrival, PageStore } from '../model/pages';

/** What a cell is, for those who draw it. */
export interface ICellMetadata {
  readonly loading: boolean;
  readonly imputed: boolean;
  readonly column: IColumn | undefined;
  /** Of a heading: whether rows are sorted by it. */
  readonly sorted: Order;
}

const NOTHING = {
  loading: false,
  imputed: false,
  column: undefined,
  sorted: null
} as const;

export class RowsModel extends DataModel {
  constructor(private readonly source: IGridSource) {
    super();
    this.follow(source.store);
    source.asked.connect((_, store) => {
      this.follow(store);
      this.reset();
    });
    source.changed.connect(() => {
      this.grow();
    });
  }

  rowCount(region: DataModel.RowRegion): number {
    return region === 'body' ? this.drawn : 1;
  }

  columnCount(region: DataModel.ColumnRegion): number {
    return region === 'body' ? this.source.columns.length : 1;
  }

  data(region: DataModel.CellRegion, row: number, column: number): unknown {
    switch (region) {
      case 'body':
        return this.source.store.cell(row, column)?.value;
      case 'row-header':
        return this.source.store.label(row) ?? '';
      case 'column-header':
        return this.source.columns[column]?.name;
      case 'corner-header':
        return '';
    }
  }

  override metadata(
    region: DataModel.CellRegion,
    row: number,
    column: number
  ): DataModel.Metadata {
    const about = this.source.columns[column];
    if (region === 'body') {
      const cell = this.source.store.cell(row, column);
      return {
        loading: !cell,
        imputed: cell?.imputed ?? false,
        column: about,
        sorted: null
      } satisfies ICellMetadata;
    }
    if (region === 'column-header') {
      const sorted = about ? this.source.order(about.name) : null;
      return { ...NOTHING, column: about, sorted } satisfies ICellMetadata;
    }
    return NOTHING;
  }

  private follow(store: PageStore): void {
    store.arrived.connect(this.onArrival);
  }

  private readonly onArrival = (_: PageStore, came: IArrival): void => {
    this.grow();
    if (came.found < this.drawn) {
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

  /** Draw rows that were found below: what is looked at stays where it is. */
  private grow(): void {
    const more = this.source.found - this.drawn;
    if (more > 0) {
      const index = this.drawn;
      this.drawn += more;
      this.emitChanged({
        type: 'rows-inserted',
        region: 'body',
        index,
        span: more
      });
    }
  }

  private reset(): void {
    this.drawn = this.source.found;
    this.emitChanged({ type: 'model-reset' });
  }

  private drawn = this.source.found;
}
