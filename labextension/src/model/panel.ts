/**
 * What a notebook stores for a panel, and whether its widget still lives.
 *
 * Pure functions; drawing is elsewhere.
 */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';

/** What a panel is stored as; see `widgets/panel/static_html.py`. */
export const PANEL = 'application/vnd.jupyter-wrangler.panel.v1+json';
/** The widget, and the form for readers without one, of the same output. */
export const WIDGET = 'application/vnd.jupyter.widget-view+json';
export const HTML = 'text/html';

/** A model of its own for a part of what is stored; changes of it are not kept. */
export function partOf(
  data: IRenderMime.IMimeModel['data'],
  trusted: boolean
): IRenderMime.IMimeModel {
  return { data, metadata: {}, trusted, setData: () => undefined };
}

/** Text of a field, or nothing: what a notebook holds may be anything. */
function textOf(value: unknown, field: string): string {
  const found =
    typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)[field]
      : undefined;
  return typeof found === 'string' ? found : '';
}

/** When what is stored was true; empty if that is not known. */
export function storedAt(model: IRenderMime.IMimeModel): string {
  const at = textOf(model.data[PANEL], 'at');
  return Number.isNaN(Date.parse(at)) ? '' : at;
}

/** Id of the widget; empty if there is none. */
export function widgetId(model: IRenderMime.IMimeModel): string {
  return textOf(model.data[WIDGET], 'model_id');
}

/** Whether a status of a kernel means that its widgets are gone. */
export function endsWidgets(status: string): boolean {
  return ['restarting', 'autorestarting', 'terminating', 'dead'].includes(
    status
  );
}
