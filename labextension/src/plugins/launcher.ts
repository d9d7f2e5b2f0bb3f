/**
 * Begins a notebook that imputes example data: a card of the launcher, and a command.
 */
import {
  ILabShell,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { wranglerIcon } from '../icon';

const BEGIN = 'jupyter-wrangler:new-notebook';

/** What the notebook begins with; it runs as it is. */
const EXAMPLE = `import jupyter_wrangler as jw

df = jw.data.airquality()  # or your own: pd.read_csv("patients.csv")
job = jw.impute(df, n_imputations=5)
job`;

/** Begin a notebook as a file: Notebook 7 opens each in a page of its own. */
async function beginFile(app: JupyterFrontEnd): Promise<void> {
  const { contents } = app.serviceManager;
  const { path } = await contents.newUntitled({ type: 'notebook' });
  await contents.save(path, {
    type: 'notebook',
    format: 'json',
    content: {
      cells: [
        {
          cell_type: 'code',
          id: 'example',
          source: EXAMPLE,
          metadata: {},
          outputs: [],
          execution_count: null
        }
      ],
      metadata: {},
      nbformat: 4,
      nbformat_minor: 5
    }
  });
  await app.commands.execute('docmanager:open', { path });
}

async function begin(app: JupyterFrontEnd): Promise<void> {
  const specs = app.serviceManager.kernelspecs;
  await specs.ready;
  const panel = (await app.commands.execute('notebook:create-new', {
    kernelName: specs.specs?.default ?? '',
    activate: true
  })) as NotebookPanel | undefined;
  await panel?.context.ready;
  panel?.model?.sharedModel.cells[0]?.setSource(EXAMPLE);
}

export const launcherPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-wrangler:launcher',
  description: 'Begins a notebook that imputes example data.',
  autoStart: true,
  // notebooks can be made only where they can be tracked
  optional: [
    INotebookTracker,
    ILauncher,
    ICommandPalette,
    ITranslator,
    ILabShell
  ],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker | null,
    launcher: ILauncher | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null,
    lab: ILabShell | null
  ): void => {
    if (!tracker) {
      return;
    }
    const languages = translator ?? nullTranslator;
    const trans = languages.load('jupyter_wrangler');
    app.commands.addCommand(BEGIN, {
      label: args =>
        args['isPalette']
          ? trans.__('Wrangler: New notebook that imputes missing values')
          : trans.__('Impute missing values'),
      caption: trans.__('Begin a notebook with an example to run'),
      icon: args => (args['isPalette'] ? undefined : wranglerIcon),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => (lab ? begin(app) : beginFile(app))
    });
    launcher?.add({
      command: BEGIN,
      // the name of a group that JupyterLab has, in its own words
      category: languages.load('jupyterlab').__('Other'),
      rank: 10
    });
    palette?.addItem({
      command: BEGIN,
      category: trans.__('Wrangler'),
      args: { isPalette: true }
    });
  }
};
