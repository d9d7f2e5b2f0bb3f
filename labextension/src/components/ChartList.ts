/**
 * Charts of the column that has the focus, drawn by JupyterLab's own Vega renderer.
 */
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Panel } from '@lumino/widgets';
import { chartsOf } from '../model/charts';
import type { ResultModel } from '../model/result';
import { addChart, drawsCharts } from './addChart';

export class ChartList extends Panel {
  constructor(
    private readonly registry: IRenderMimeRegistry,
    private readonly result: ResultModel,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-Wrangler-charts');
    result.changed.connect(this.follow, this);
  }

  /** Draw again, also in another theme. */
  draw(): void {
    while (this.widgets.length > 0) {
      this.widgets[0]?.dispose();
    }
    const { summary } = this.result.manifest;
    const column =
      summary && 'columns' in summary
        ? summary.columns.find(({ name }) => name === this.name)
        : undefined;
    if (column && drawsCharts(this.registry)) {
      for (const chart of chartsOf(column, this.trans)) {
        void addChart(this, this.registry, chart, this.trans);
      }
    }
  }

  private readonly follow = (): void => {
    const name = this.result.focus?.column.name ?? this.name;
    if (name !== this.name) {
      this.name = name;
      this.draw();
    }
  };

  private name = '';
}
