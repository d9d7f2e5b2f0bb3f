/**
 * Everything that can be done with a version of a named result, as commands.
 */
import {
  Clipboard,
  Dialog,
  InputDialog,
  ReactWidget,
  showDialog
} from '@jupyterlab/apputils';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import * as React from 'react';
import { ComparisonTable } from '../components/ComparisonTable';
import type { IVersionOf } from '../model/results';
import * as why from '../words/refusals';
import { handleOf, loadCode, loss } from '../words/results';
import { addTargetCommands, type ITargetCommand } from './target-commands';
import {
  attempt,
  confirmed,
  insertOrCopy,
  type IWorkbench,
  openResult
} from './workbench';

type IVersionCommand = ITargetCommand<IVersionOf>;

async function annotate(bench: IWorkbench, of: IVersionOf): Promise<void> {
  const { results, resultsApi, trans } = bench;
  const note = (await resultsApi.versions(of.result_id)).find(
    ({ n }) => n === of.n
  )?.note;
  const { value } = await InputDialog.getText({
    title: trans.__('Note of %1', handleOf(of)),
    label: trans.__('What is special about this version; empty removes it'),
    text: note ?? '',
    okLabel: trans.__('Save'),
    cancelLabel: trans.__('Cancel')
  });
  if (value !== null) {
    await attempt(bench, trans.__('The note was not saved'), () =>
      resultsApi.annotate(of, value.trim())
    );
    await results.refresh();
  }
}

async function rename(bench: IWorkbench, of: IVersionOf): Promise<void> {
  const { results, resultsApi, trans } = bench;
  const { value } = await InputDialog.getText({
    title: trans.__('Rename result'),
    label: trans.__(
      'New name; code that loads "%1" will no longer find it',
      of.name
    ),
    text: of.name,
    okLabel: trans.__('Rename'),
    cancelLabel: trans.__('Cancel')
  });
  const name = value?.trim();
  if (name && name !== of.name) {
    await attempt(bench, trans.__('The result was not renamed'), () =>
      resultsApi.rename(of.result_id, name)
    );
    await results.refresh();
  }
}

async function restore(bench: IWorkbench, of: IVersionOf): Promise<void> {
  const { results, resultsApi, trans } = bench;
  await attempt(bench, trans.__('The version was not restored'), () =>
    resultsApi.restore(of)
  );
  await results.refresh();
}

async function remove(
  bench: IWorkbench,
  of: IVersionOf,
  whole: boolean
): Promise<void> {
  const { results, resultsApi, trans } = bench;
  const what = whole
    ? { result_id: of.result_id }
    : { result_id: of.result_id, n: of.n };
  const title = trans.__('Delete "%1"?', whole ? of.name : handleOf(of));
  await attempt(bench, trans.__('Nothing was deleted'), async () => {
    const found = await resultsApi.remove(what, false);
    const label = trans.__('Delete');
    if (await confirmed(bench, title, loss(found, trans), label)) {
      await resultsApi.remove(what, true);
    }
  });
  await results.refresh();
}

async function compare(bench: IWorkbench, of: IVersionOf): Promise<void> {
  const { resultsApi, trans } = bench;
  await attempt(bench, trans.__('Nothing was compared'), async () => {
    const all = await resultsApi.versions(of.result_id);
    const others = all.filter(({ n }) => n !== of.n);
    const labels = others.map(handleOf);
    const first = labels[0];
    if (first === undefined) {
      return;
    }
    const chosen =
      others.length === 1
        ? first
        : (
            await InputDialog.getItem({
              title: trans.__('Compare %1', handleOf(of)),
              label: trans.__('with version'),
              items: labels,
              okLabel: trans.__('Compare'),
              cancelLabel: trans.__('Cancel')
            })
          ).value;
    const other = others.find(version => handleOf(version) === chosen);
    if (!other) {
      return;
    }
    const found = await resultsApi.compare(of, other.id);
    await showDialog({
      title: trans.__('%1 and %2', handleOf(of), handleOf(other)),
      body: ReactWidget.create(
        React.createElement(ComparisonTable, { found, trans })
      ),
      buttons: [Dialog.okButton({ label: trans.__('Close') })]
    });
  });
}

function codeCommands(bench: IWorkbench): IVersionCommand[] {
  const { notebook, trans } = bench;
  return [
    {
      id: 'jupyter-wrangler:open-version',
      label: trans.__('Open'),
      title: trans.__('Wrangler: Open saved result'),
      execute: of =>
        openResult(bench, { result_id: of.result_id, n: of.n }, loadCode(of))
    },
    {
      id: 'jupyter-wrangler:insert-load-code',
      label: trans.__('Insert code'),
      title: trans.__('Wrangler: Insert code that loads the result'),
      refusal: () => why.insert(notebook.name, trans),
      execute: of => insertOrCopy(bench, loadCode(of))
    },
    {
      id: 'jupyter-wrangler:copy-load-code',
      label: trans.__('Copy code'),
      title: trans.__('Wrangler: Copy code that loads the result'),
      execute: of => {
        Clipboard.copyToSystem(loadCode(of));
      }
    }
  ];
}

function versionCommands(bench: IWorkbench): IVersionCommand[] {
  const { trans } = bench;
  return [
    {
      id: 'jupyter-wrangler:annotate-version',
      label: trans.__('Note…'),
      title: trans.__('Wrangler: Note of saved result…'),
      execute: of => annotate(bench, of)
    },
    {
      id: 'jupyter-wrangler:compare-version',
      label: trans.__('Compare with another version…'),
      title: trans.__('Wrangler: Compare saved result with another version…'),
      refusal: of =>
        countOf(bench, of) > 1 ? '' : trans.__('there is only this version'),
      execute: of => compare(bench, of)
    },
    {
      id: 'jupyter-wrangler:restore-version',
      label: trans.__('Restore as newest version'),
      title: trans.__('Wrangler: Restore version of saved result'),
      refusal: of =>
        latestOf(bench, of) === of.n ? trans.__('it is the newest') : '',
      execute: of => restore(bench, of)
    }
  ];
}

function nameCommands(bench: IWorkbench): IVersionCommand[] {
  const { trans } = bench;
  return [
    {
      id: 'jupyter-wrangler:rename-result',
      label: trans.__('Rename…'),
      title: trans.__('Wrangler: Rename saved result…'),
      execute: of => rename(bench, of)
    },
    {
      id: 'jupyter-wrangler:delete-version',
      label: trans.__('Delete this version…'),
      title: trans.__('Wrangler: Delete version of saved result…'),
      execute: of => remove(bench, of, false)
    },
    {
      id: 'jupyter-wrangler:delete-result',
      label: trans.__('Delete all versions…'),
      title: trans.__('Wrangler: Delete saved result…'),
      execute: of => remove(bench, of, true)
    }
  ];
}

function resultOf(bench: IWorkbench, of: IVersionOf) {
  return bench.results.state.value?.find(({ id }) => id === of.result_id);
}

function countOf(bench: IWorkbench, of: IVersionOf): number {
  return resultOf(bench, of)?.n_versions ?? 0;
}

function latestOf(bench: IWorkbench, of: IVersionOf): number | undefined {
  return resultOf(bench, of)?.latest.n;
}

/** Add the commands; returns their ids, in the order of the menu. */
export function addResultCommands(bench: IWorkbench): string[][] {
  const { selection, trans } = bench;
  const find = (args: ReadonlyPartialJSONObject): IVersionOf | null => {
    const { result_id, n, name } = args;
    return typeof result_id === 'string' &&
      typeof n === 'number' &&
      typeof name === 'string'
      ? { result_id, n, name }
      : selection.version;
  };
  const kind = {
    find,
    nameOf: handleOf,
    nothing: trans.__('no result is selected in the panel'),
    properties: {
      result_id: { type: 'string', description: 'Id of the result.' },
      n: { type: 'number', description: 'Number of the version.' },
      name: { type: 'string', description: 'Name of the result.' }
    }
  };
  return addTargetCommands(bench, kind, [
    codeCommands(bench),
    versionCommands(bench),
    nameCommands(bench)
  ]);
}
