import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type Panel, Widget } from '@lumino/widgets';
import { type IChart, VEGA_LITE } from '../model/charts';
import { ChartTable } from './ChartTable';

/** Whether JupyterLab can draw charts here: its renderer may be switched off. */
export function drawsCharts(registry: IRenderMimeRegistry): boolean {
  return registry.preferredMimeType({ [VEGA_LITE]: {} }) !== undefined;
}

/** Add a chart to a panel, drawn by JupyterLab's own Vega renderer. */
export async function addChart(
  panel: Panel,
  registry: IRenderMimeRegistry,
  chart: IChart,
  trans: TranslationBundle
): Promise<void> {
  const title = new Widget({ node: document.createElement('div') });
  title.addClass('jp-Wrangler-chart-title');
  title.node.textContent = chart.title;
  const data = { [VEGA_LITE]: chart.spec as never };
  const drawn = registry.createRenderer(VEGA_LITE);
  drawn.addClass('jp-Wrangler-chart');
  drawn.node.setAttribute('role', 'img');
  drawn.node.setAttribute('aria-label', chart.words);
  panel.addWidget(title);
  panel.addWidget(drawn);
  panel.addWidget(new ChartTable(chart, trans));
  try {
    await drawn.renderModel(registry.createModel({ data, trusted: true }));
  } catch (error) {
    // it may have been disposed of meanwhile; the words are there all the same
    console.debug('jupyter-wrangler: a chart was not drawn.', error);
  }
}
