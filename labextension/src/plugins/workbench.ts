/**
 * What the commands and sections of the side panel share.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import {
  Clipboard,
  Dialog,
  showDialog,
  showErrorMessage
} from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { asProblem, type WranglerApi } from '../model/api';
import type { NamedResult } from '../model/contract';
import type { JobFeed } from '../model/feed';
import type { CurrentNotebook } from '../model/notebook';
import type { ResultsApi } from '../model/results';
import type { Selection } from '../model/selection';
import type { Watched } from '../model/watched';
import { reasonFor } from '../words/problems';

/** Shows a result in a tab of its own, where that plugin is there. */
export const OPEN_RESULT = 'jupyter-wrangler:open-result';

export interface IWorkbench {
  app: JupyterFrontEnd;
  api: WranglerApi;
  feed: JobFeed;
  resultsApi: ResultsApi;
  results: Watched<readonly NamedResult[]>;
  notebook: CurrentNotebook;
  selection: Selection;
  trans: TranslationBundle;
}

/** Do something of the service; say why if it is not done. */
export async function attempt(
  bench: IWorkbench,
  failed: string,
  action: () => Promise<unknown>
): Promise<void> {
  try {
    await action();
  } catch (error) {
    const { trans } = bench;
    await showErrorMessage(failed, reasonFor(asProblem(error), trans), [
      Dialog.okButton({ label: trans.__('OK') })
    ]);
  }
}

/** Ask before something that cannot be undone. */
export async function confirmed(
  bench: IWorkbench,
  title: string,
  body: string,
  label: string
): Promise<boolean> {
  const { trans } = bench;
  const { button } = await showDialog({
    title,
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Keep it') }),
      Dialog.warnButton({ label })
    ]
  });
  return button.accept;
}

/** Put code into the notebook; where there is none, on the clipboard, and say so. */
export async function insertOrCopy(
  bench: IWorkbench,
  code: string
): Promise<void> {
  const { notebook, trans } = bench;
  if (notebook.insert(code)) {
    return;
  }
  Clipboard.copyToSystem(code);
  await showDialog({
    title: trans.__('No notebook is open'),
    body: trans.__('The code is on the clipboard: paste it into a cell.'),
    buttons: [Dialog.okButton({ label: trans.__('OK') })]
  });
}

/** Insert code and run it: it only looks, or opens a panel. */
export async function insertAndRun(
  bench: IWorkbench,
  code: string
): Promise<void> {
  const { app, notebook } = bench;
  const found = notebook.panel !== null;
  await insertOrCopy(bench, code);
  if (found && app.commands.hasCommand('notebook:run-cell')) {
    await app.commands.execute('notebook:run-cell');
  }
}

/** Show a result in its tab, or give the code that loads it. */
export async function openResult(
  bench: IWorkbench,
  args: { job_id: string } | { result_id: string; n: number },
  code: string
): Promise<void> {
  const { commands } = bench.app;
  if (commands.hasCommand(OPEN_RESULT)) {
    await commands.execute(OPEN_RESULT, args);
  } else {
    await insertOrCopy(bench, code);
  }
}
