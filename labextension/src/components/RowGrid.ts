/**
 * The grid of rows: drawn on a canvas, told in words to those who do not see it.
 */
import {
  BasicKeyHandler,
  BasicMouseHandler,
  BasicSelectionModel,
  DataGrid
} from '@lumino/datagrid';
import type { TranslationBundle } from '@jupyterlab/translation';
import { MessageLoop, type Message } from '@lumino/messaging';
import { Panel, Widget } from '@lumino/widgets';
import type { IGridSource } from '../model/grid';
import { gridStyle, readTheme, renderers } from './gridTheme';
import { RowsModel } from './RowsModel';

/** Milliseconds of rest before the focus is told aloud. */
const REST = 250;
/** Pixels at the edges of a heading that are for its width. */
const EDGE = 6;

/** Keys as in spreadsheets; Tab and Escape leave the grid. */
class Keys extends BasicKeyHandler {
  constructor(private readonly leave: () => void) {
    super();
  }

  override onKeyDown(grid: DataGrid, event: KeyboardEvent): void {
    const model = grid.selectionModel;
    const rows = grid.dataModel?.rowCount('body') ?? 0;
    const columns = grid.dataModel?.columnCount('body') ?? 0;
    if (event.key === 'Tab') {
      // it leads on, as everywhere; the grid of Lumino would keep it
      return;
    }
    if (!model || !['Home', 'End'].includes(event.key)) {
      super.onKeyDown(grid, event);
      return;
    }
    event.preventDefault();
    const last = event.key === 'End';
    const far = event.ctrlKey || event.metaKey;
    const row = far ? (last ? rows - 1 : 0) : Math.max(0, model.cursorRow);
    select(grid, row, last ? columns - 1 : 0);
  }

  protected override onEscape(): void {
    this.leave();
  }
}

function select(grid: DataGrid, row: number, column: number): void {
  grid.selectionModel?.select({
    r1: row,
    c1: column,
    r2: row,
    c2: column,
    cursorRow: row,
    cursorColumn: column,
    clear: 'all'
  });
  grid.scrollToCell(row, column);
}

export class RowGrid extends Panel {
  constructor(
    private readonly source: IGridSource,
    private readonly trans: TranslationBundle,
    /** Says what has the focus. */
    private readonly aloudWords: () => string
  ) {
    super();
    this.addClass('jp-Wrangler-grid');
    this.node.tabIndex = -1;
    this.rows = new RowsModel(source);
    this.grid = new DataGrid({
      defaultSizes: {
        rowHeight: 24,
        columnWidth: 160,
        rowHeaderWidth: 72,
        columnHeaderHeight: 46
      },
      minimumSizes: {
        rowHeight: 20,
        columnWidth: 40,
        rowHeaderWidth: 40,
        columnHeaderHeight: 46
      }
    });
    this.grid.addClass('jp-Wrangler-canvas');
    this.grid.dataModel = this.rows;
    this.grid.keyHandler = new Keys(() => {
      // what follows the rows, so that the next Tab does not lead back into them
      this.aloud.node.focus();
    });
    this.grid.mouseHandler = new BasicMouseHandler();
    this.grid.copyConfig = {
      ...DataGrid.defaultCopyConfig,
      headers: 'none',
      format: ({ value }) => (value === null ? '' : String(value))
    };
    const selection = new BasicSelectionModel({
      dataModel: this.rows,
      selectionMode: 'cell'
    });
    selection.changed.connect(this.onSelection);
    this.grid.selectionModel = selection;

    const { node } = this.grid.viewport;
    node.tabIndex = 0;
    node.setAttribute('role', 'application');
    node.setAttribute(
      'aria-label',
      trans.__('Rows; arrow keys move, Escape leaves the grid')
    );
    node.addEventListener('focus', this.onFocus);
    node.addEventListener('click', this.onClick);

    this.aloud = new Widget();
    this.aloud.addClass('jp-Wrangler-aloud');
    this.aloud.node.setAttribute('aria-live', 'polite');
    this.aloud.node.setAttribute('role', 'status');
    this.aloud.node.tabIndex = -1;
    this.addWidget(this.grid);
    this.addWidget(this.aloud);
    source.changed.connect(this.onChanged, this);
    this.sized = new ResizeObserver(() => {
      MessageLoop.sendMessage(this.grid, Widget.ResizeMessage.UnknownSize);
    });
  }

  /** Draw again in the colours of the theme. */
  draw(): void {
    const theme = readTheme(this.aloud.node);
    this.grid.style = gridStyle(theme);
    this.grid.cellRenderers = renderers(theme, this.trans);
  }

  /** Put the keyboard into the grid. */
  enter(): void {
    this.grid.viewport.node.focus();
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    clearTimeout(this.timer);
    this.sized.disconnect();
    super.dispose();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.draw();
    this.sized.observe(this.node);
  }

  protected override onBeforeDetach(message: Message): void {
    this.sized.disconnect();
    super.onBeforeDetach(message);
  }

  private readonly onFocus = (): void => {
    const model = this.grid.selectionModel;
    // those who come by keyboard begin at the first cell
    if (model && model.cursorRow < 0 && this.rows.rowCount('body') > 0) {
      select(this.grid, 0, 0);
    }
  };

  /** A click on a heading sorts by it; at its edges its width is changed. */
  private readonly onClick = (event: MouseEvent): void => {
    const hit = this.grid.hitTest(event.clientX, event.clientY);
    const name = this.source.columns[hit.column]?.name;
    if (hit.region === 'column-header' && name !== undefined) {
      const size = this.grid.columnSize('body', hit.column);
      if (hit.x > EDGE && hit.x < size - EDGE) {
        this.source.sortBy?.(name);
      }
    }
  };

  private readonly onSelection = (): void => {
    const model = this.grid.selectionModel;
    if (model && model.cursorRow >= 0) {
      this.source.look(model.cursorRow, model.cursorColumn);
    }
  };

  private readonly onChanged = (): void => {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const words = this.aloudWords();
      if (this.aloud.node.textContent !== words) {
        this.aloud.node.textContent = words;
      }
    }, REST);
  };

  private readonly rows: RowsModel;
  private readonly grid: DataGrid;
  private readonly aloud: Widget;
  private readonly sized: ResizeObserver;
  private timer: ReturnType<typeof setTimeout> | undefined;
}
