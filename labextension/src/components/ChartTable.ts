/**
 * The numbers of a chart as a table, which opens below it.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import type { IChart } from '../model/charts';

/** Digits of a number, as many as the grid shows. */
const DIGITS = 7;

function cell(tag: 'th' | 'td', value: string | number): HTMLElement {
  const made = document.createElement(tag);
  made.textContent =
    typeof value === 'number'
      ? String(Number(value.toPrecision(DIGITS)))
      : value;
  if (typeof value === 'number') {
    made.className = 'jp-Wrangler-number';
  }
  return made;
}

function line(
  values: readonly (string | number)[],
  scope: 'row' | 'col'
): HTMLTableRowElement {
  const made = document.createElement('tr');
  values.forEach((value, i) => {
    const heads = scope === 'col' || i === 0;
    const one = cell(heads ? 'th' : 'td', value);
    if (heads) {
      one.setAttribute('scope', scope);
    }
    made.append(one);
  });
  return made;
}

function tableOf(chart: IChart): HTMLTableElement {
  const table = document.createElement('table');
  table.className = 'jp-Wrangler-table';
  table.createTHead().append(line(chart.table.heads, 'col'));
  table
    .createTBody()
    .append(...chart.table.rows.map(values => line(values, 'row')));
  return table;
}

export class ChartTable extends Widget {
  constructor(chart: IChart, trans: TranslationBundle) {
    super({ node: document.createElement('details') });
    this.addClass('jp-Wrangler-preview');
    const summary = document.createElement('summary');
    summary.textContent = trans.__('Show as table');
    summary.setAttribute(
      'aria-label',
      `${trans.__('Show as table')}: ${chart.title}`
    );
    const place = document.createElement('div');
    place.className = 'jp-Wrangler-scroll jp-Wrangler-chart-table';
    place.tabIndex = 0;
    place.setAttribute('role', 'group');
    place.setAttribute('aria-label', chart.title);
    this.node.append(summary, place);
    // of a thousand chains only when it is asked for
    this.node.addEventListener('toggle', () => {
      if (place.childElementCount === 0) {
        place.append(tableOf(chart));
      }
    });
  }
}
