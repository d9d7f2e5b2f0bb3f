/**
 * Draws the panel of `jw.wrangle` in notebooks, and what is stored where it is gone.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { PanelOutput } from '../components/PanelOutput';
import { PANEL } from '../model/panel';

/** Before widgets, whose rank is -10: they do not fall back to what is stored. */
const RANK = -20;

export const wranglePlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-wrangler:wrangle',
  description:
    'Draws the panel of Jupyter Wrangler, with or without its kernel.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ITranslator],
  activate: (
    _: JupyterFrontEnd,
    tracker: INotebookTracker,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_wrangler');
    // each notebook has widgets of its own
    const add = ({ content, sessionContext }: NotebookPanel): void => {
      const services = {
        rendermime: content.rendermime,
        session: sessionContext,
        trans
      };
      content.rendermime.addFactory(
        {
          // it opens no widget of a notebook that is not trusted
          safe: true,
          mimeTypes: [PANEL],
          defaultRank: RANK,
          createRenderer: () => new PanelOutput(services)
        },
        RANK
      );
    };
    tracker.forEach(add);
    tracker.widgetAdded.connect((_, panel) => {
      add(panel);
    });
  }
};
