/**
 * Inserts code below a cell, for what is drawn in its output.
 *
 * Whatever is drawn in a cell dispatches a DOM event, so that it needs to know nothing
 * of notebooks; where the event is not taken (a console, another front end), the code
 * can still be copied.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { INSERT_CODE } from '../model/insert';

/** Insert code below the cell that holds a node; returns whether it was done. */
function insertBelow(
  tracker: INotebookTracker,
  node: Node,
  code: string
): boolean {
  const panel = tracker.find(({ content }) => content.node.contains(node));
  const notebook = panel?.content;
  const index = notebook?.widgets.findIndex(cell => cell.node.contains(node));
  if (!notebook?.model || index === undefined || index < 0) {
    return false;
  }
  notebook.model.sharedModel.insertCell(index + 1, {
    cell_type: 'code',
    source: code
  });
  notebook.activeCellIndex = index + 1;
  return true;
}

export const insertPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-wrangler:insert',
  description: 'Inserts the code of cards and panels below their cells.',
  autoStart: true,
  // Notebook 7 has pages without notebooks
  optional: [INotebookTracker],
  activate: (_: JupyterFrontEnd, tracker: INotebookTracker | null): void => {
    if (!tracker) {
      return;
    }
    document.addEventListener(INSERT_CODE, event => {
      const { detail, target } = event as CustomEvent<unknown>;
      const code = (detail as { code?: unknown } | null)?.code;
      if (
        target instanceof Node &&
        typeof code === 'string' &&
        insertBelow(tracker, target, code)
      ) {
        event.preventDefault();
      }
    });
  }
};
