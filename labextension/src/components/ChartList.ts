/**
 * Charts of the column that has the focus, drawn by JupyterLab's own Vega renderer.
 */
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Panel, Widget } from '@lumino/widgets';
import { chartsOf, type IChart, VEGA_LITE } from '../model/charts';
import type { ResultModel } from '../model/result';
import { ChartTable } from './ChartTable';

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
    if (column && this.registry.preferredMimeType({ [VEGA_LITE]: {} })) {
      for (const chart of chartsOf(column, this.trans)) {
        void this.add(chart);
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

  private async add(chart: IChart): Promise<void> {
    const title = new Widget({ node: document.createElement('div') });
    title.addClass('jp-Wrangler-chart-title');
    title.node.textContent = chart.title;
    const data = { [VEGA_LITE]: chart.spec as never };
    const drawn = this.registry.createRenderer(VEGA_LITE);
    drawn.addClass('jp-Wrangler-chart');
    drawn.node.setAttribute('role', 'img');
    drawn.node.setAttribute('aria-label', chart.words);
    this.addWidget(title);
    this.addWidget(drawn);
    this.addWidget(new ChartTable(chart, this.trans));
    try {
      await drawn.renderModel(
        this.registry.createModel({ data, trusted: true })
      );
    } catch (error) {
      // it may have been disposed of meanwhile; the words are there all the same
      console.debug('jupyter-wrangler: a chart was not drawn.', error);
    }
  }

  private name = '';
}
