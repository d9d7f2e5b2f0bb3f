/**
 * Draws jobs in the outputs of cells.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Dialog, showDialog } from '@jupyterlab/apputils';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { CardRenderer } from '../components/CardRenderer';
import { CARD } from '../model/card';
import { IJobFeed } from './feed';

/** Before widgets, whose rank is -10: they are gone with the kernel. */
const RANK = -20;

export const cardPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-wrangler:card',
  description: 'Draws jobs of Jupyter Wrangler in notebooks, and follows them.',
  autoStart: true,
  requires: [IJobFeed, IRenderMimeRegistry],
  optional: [ITranslator],
  activate: (
    _: JupyterFrontEnd,
    jobs: IJobFeed,
    registry: IRenderMimeRegistry,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_wrangler');
    const confirm = async (question: string): Promise<boolean> => {
      const { button } = await showDialog({
        title: trans.__('This notebook is not trusted'),
        body: question,
        buttons: [
          Dialog.cancelButton({ label: trans.__('No') }),
          Dialog.warnButton({ label: trans.__('Yes') })
        ]
      });
      return button.accept;
    };
    registry.addFactory(
      {
        // text nodes only: also for notebooks that are not trusted
        safe: true,
        mimeTypes: [CARD],
        defaultRank: RANK,
        createRenderer: () => new CardRenderer({ ...jobs, trans, confirm })
      },
      RANK
    );
  }
};
