/**
 * What the grid is drawn with: colours and fonts of JupyterLab's theme, on a canvas.
 *
 * A canvas does not know CSS variables, so they are read again when the theme changes.
 */
import {
  CellRenderer,
  type DataGrid,
  type GraphicsContext,
  RendererMap,
  TextRenderer
} from '@lumino/datagrid';
import type { TranslationBundle } from '@jupyterlab/translation';
import { shown } from '../words/result';
import type { ICellMetadata } from './RowsModel';

/** Size of the corner that marks an imputed cell, and of the bar below a heading. */
const CORNER = 7;
const BAR = 4;

export interface IGridTheme {
  font: string;
  bold: string;
  text: string;
  faint: string;
  paper: string;
  head: string;
  line: string;
  mark: string;
  tint: string;
  brand: string;
  selection: string;
}

/** Read the theme; `probe` is an element in the page. */
export function readTheme(probe: HTMLElement): IGridTheme {
  const css = getComputedStyle(probe);
  const variable = (name: string, otherwise: string): string =>
    css.getPropertyValue(name).trim() || otherwise;
  const colour = (name: string, otherwise: string): string => {
    probe.style.color = `var(${name}, ${otherwise})`;
    const found = getComputedStyle(probe).color || otherwise;
    probe.style.color = '';
    return found;
  };
  const family = variable('--jp-ui-font-family', 'sans-serif');
  const size = variable('--jp-ui-font-size1', '13px');
  const mark = colour('--jp-warn-color1', 'rgb(245, 124, 0)');
  const brand = colour('--jp-brand-color1', 'rgb(33, 150, 243)');
  return {
    font: `${size} ${family}`,
    bold: `600 ${size} ${family}`,
    text: colour('--jp-ui-font-color1', 'rgb(33, 33, 33)'),
    faint: colour('--jp-ui-font-color2', 'rgb(97, 97, 97)'),
    paper: colour('--jp-layout-color1', 'rgb(255, 255, 255)'),
    head: colour('--jp-layout-color2', 'rgb(238, 238, 238)'),
    line: colour('--jp-border-color2', 'rgb(224, 224, 224)'),
    mark,
    tint: transparent(mark, 0.16),
    brand,
    selection: transparent(brand, 0.2)
  };
}

/** "rgb(1, 2, 3)" with an opacity; another notation is left as it is. */
export function transparent(colour: string, opacity: number): string {
  const found = /^rgb\(([^)]*)\)$/.exec(colour);
  return found ? `rgba(${found[1] ?? ''}, ${opacity})` : colour;
}

export function gridStyle(theme: IGridTheme): DataGrid.Style {
  return {
    voidColor: theme.paper,
    backgroundColor: theme.paper,
    gridLineColor: theme.line,
    headerBackgroundColor: theme.head,
    headerGridLineColor: theme.line,
    selectionFillColor: theme.selection,
    selectionBorderColor: theme.brand,
    cursorFillColor: theme.selection,
    cursorBorderColor: theme.brand,
    headerSelectionFillColor: theme.selection,
    headerSelectionBorderColor: theme.brand
  };
}

export function renderers(
  theme: IGridTheme,
  trans: TranslationBundle
): RendererMap {
  const plain = new TextRenderer({
    font: theme.font,
    textColor: theme.faint,
    backgroundColor: ''
  });
  return new RendererMap(
    {
      body: new CellPainter(theme, trans),
      'column-header': new HeadingPainter(theme, trans),
      'row-header': plain,
      'corner-header': plain
    },
    plain
  );
}

function about(config: CellRenderer.CellConfig): ICellMetadata {
  return config.metadata as ICellMetadata;
}

/** A cell: an imputed one has a corner, a tint and bold letters. */
class CellPainter extends TextRenderer {
  constructor(
    private readonly theme: IGridTheme,
    trans: TranslationBundle
  ) {
    super({
      font: config => (about(config).imputed ? theme.bold : theme.font),
      textColor: config => (config.value === null ? theme.faint : theme.text),
      backgroundColor: config =>
        about(config).imputed
          ? theme.tint
          : config.value === null
            ? theme.head
            : '',
      horizontalAlignment: config =>
        typeof config.value === 'number' ? 'right' : 'left',
      format: config =>
        about(config).loading
          ? '…'
          : shown(config.value as string | number | boolean | null, trans)
    });
  }

  override paint(gc: GraphicsContext, config: CellRenderer.CellConfig): void {
    super.paint(gc, config);
    if (about(config).imputed) {
      const { x, y } = config;
      gc.beginPath();
      gc.moveTo(x, y);
      gc.lineTo(x + CORNER, y);
      gc.lineTo(x, y + CORNER);
      gc.closePath();
      gc.fillStyle = this.theme.mark;
      gc.fill();
    }
  }
}

/** A heading: name and order, type and imputed cells, and what share was missing. */
class HeadingPainter extends CellRenderer {
  constructor(
    private readonly theme: IGridTheme,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.name = new TextRenderer({
      font: theme.bold,
      textColor: theme.text,
      backgroundColor: '',
      verticalAlignment: 'center',
      format: config => {
        const { sorted } = about(config);
        const arrow =
          sorted === null ? '' : sorted === 'ascending' ? '▲ ' : '▼ ';
        return `${arrow}${String(config.value ?? '')}`;
      }
    });
    this.kind = new TextRenderer({
      font: theme.font,
      textColor: theme.faint,
      backgroundColor: '',
      verticalAlignment: 'center',
      format: config => this.kindOf(config)
    });
  }

  paint(gc: GraphicsContext, config: CellRenderer.CellConfig): void {
    const half = (config.height - BAR) / 2;
    this.name.paint(gc, { ...config, height: half });
    this.kind.paint(gc, { ...config, y: config.y + half, height: half });
    const { column } = about(config);
    const width = config.width * Math.min(1, column?.missing ?? 0);
    if (width > 0) {
      gc.fillStyle = this.theme.mark;
      gc.fillRect(
        config.x,
        config.y + config.height - BAR,
        Math.max(2, width),
        BAR
      );
    }
  }

  private kindOf(config: CellRenderer.CellConfig): string {
    const { column } = about(config);
    if (!column) {
      return '';
    }
    return column.imputed > 0
      ? this.trans.__(
          '%1 · %2 imputed',
          column.dtype,
          column.imputed.toLocaleString()
        )
      : column.dtype;
  }

  private readonly name: TextRenderer;
  private readonly kind: TextRenderer;
}
