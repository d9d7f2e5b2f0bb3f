/**
 * Opens results in tabs of the main area.
 */
import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  Clipboard,
  IThemeManager,
  MainAreaWidget,
  WidgetTracker
} from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ResultTab } from '../components/ResultTab';
import { wranglerIcon } from '../icon';
import { OPEN_RESULT, type Target, targetOf } from '../model/open';
import { IJobFeed } from './feed';
import { showTab } from './place';

export const OPEN = 'jupyter-wrangler:open-result';
const NAMESPACE = 'jupyter-wrangler-result';

type Tab = MainAreaWidget<ResultTab>;

function nameOf(target: Target): string {
  return 'job_id' in target ? target.job_id : `${target.result_id}@${target.n}`;
}

/** Insert code below the active cell of the notebook that was used last. */
export function insertInto(
  tracker: INotebookTracker | null,
  code: string
): boolean {
  const notebook = tracker?.currentWidget?.content;
  if (!notebook?.model) {
    Clipboard.copyToSystem(code);
    return false;
  }
  const at = notebook.activeCellIndex + 1;
  notebook.model.sharedModel.insertCell(at, {
    cell_type: 'code',
    source: code
  });
  notebook.activeCellIndex = at;
  return true;
}

/** Hand a file to the browser, which asks or puts it into the downloads. */
export function saveFile(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // after the browser has begun to read it
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 60_000);
}

export const resultPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-wrangler:result',
  description: 'Shows results of Jupyter Wrangler in tabs of the main area.',
  autoStart: true,
  requires: [IJobFeed, IRenderMimeRegistry],
  optional: [
    ITranslator,
    ILayoutRestorer,
    IThemeManager,
    INotebookTracker,
    ILabShell
  ],
  activate: (
    app: JupyterFrontEnd,
    jobs: IJobFeed,
    registry: IRenderMimeRegistry,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    themes: IThemeManager | null,
    notebooks: INotebookTracker | null,
    lab: ILabShell | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_wrangler');
    const { commands } = app;
    const tracker = new WidgetTracker<Tab>({ namespace: NAMESPACE });

    const make = (target: Target): Tab => {
      const content = new ResultTab(
        {
          ...jobs,
          registry,
          trans,
          insert: code => insertInto(notebooks, code),
          open: id => void commands.execute(OPEN, { job_id: id }),
          save: saveFile
        },
        target
      );
      const tab = new MainAreaWidget({ content });
      tab.id = `jp-Wrangler-result-${nameOf(target)}`;
      tab.title.icon = wranglerIcon;
      tab.title.closable = true;
      void tracker.add(tab);
      return tab;
    };

    commands.addCommand(OPEN, {
      label: trans.__('Wrangler: Open result'),
      caption: trans.__('Open the result of a job in a tab'),
      icon: wranglerIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            job_id: { type: 'string', description: trans.__('Id of a job') },
            result_id: {
              type: 'string',
              description: trans.__('Id of a saved result')
            },
            n: {
              type: 'integer',
              description: trans.__('Version of the saved result')
            }
          }
        }
      },
      execute: args => {
        const target = targetOf(args);
        if (!target) {
          throw new Error(
            trans.__(
              'Name a job (job_id), or a saved result (result_id and n).'
            )
          );
        }
        const there = tracker.find(
          tab => nameOf(tab.content.target) === nameOf(target)
        );
        const tab = there ?? make(target);
        showTab(app, lab, tab);
        return tab;
      }
    });

    document.addEventListener(OPEN_RESULT, event => {
      const id = (event as CustomEvent<{ id?: unknown } | null>).detail?.id;
      if (typeof id === 'string') {
        event.preventDefault();
        void commands.execute(OPEN, { job_id: id });
      }
    });

    themes?.themeChanged.connect(() => {
      tracker.forEach(tab => {
        tab.content.draw();
      });
    });

    if (restorer) {
      void restorer.restore(tracker, {
        command: OPEN,
        args: tab => ({ ...tab.content.target }),
        name: tab => nameOf(tab.content.target)
      });
    }
  }
};
