/**
 * Actions of the palette that ask what they are for: a frame, a recipe, a result.
 *
 * The side panel has a button for each; here nothing need be open or selected.
 */
import {
  Clipboard,
  Dialog,
  InputDialog,
  Notification,
  showDialog
} from '@jupyterlab/apputils';
import { asProblem } from '../model/api';
import { isFinal } from '../model/contract';
import { framesOf } from '../model/frames';
import { serviceOf } from '../model/service';
import {
  frameCode,
  type FrameVerb,
  lackOf,
  transformCode
} from '../words/frames';
import { nameOf } from '../words/jobs';
import * as why from '../words/refusals';
import { handleOf, loadCode } from '../words/results';
import { reportOf } from '../words/service';
import { codeOf } from './job-commands';
import {
  attempt,
  confirmed,
  insertAndRun,
  insertOrCopy,
  type IWorkbench,
  openResult
} from './workbench';

/** Jobs that are looked through for results, and for those that go on. */
const MOST = 200;

interface IChoice<T> {
  label: string;
  value: T;
}

/** Say why there is nothing to do. */
async function say(
  { trans }: IWorkbench,
  title: string,
  body: string
): Promise<void> {
  const buttons = [Dialog.okButton({ label: trans.__('OK') })];
  await showDialog({ title, body, buttons });
}

/** Let one of several be chosen; the only one needs no question. */
async function choose<T>(
  { trans }: IWorkbench,
  title: string,
  label: string,
  choices: readonly IChoice<T>[]
): Promise<T | null> {
  if (choices.length <= 1) {
    return choices[0]?.value ?? null;
  }
  const { value } = await InputDialog.getItem({
    title,
    label,
    items: choices.map(one => one.label),
    okLabel: trans.__('Choose'),
    cancelLabel: trans.__('Cancel')
  });
  return choices.find(one => one.label === value)?.value ?? null;
}

/** The name of a frame of the notebook in front; null if there is none. */
async function chooseFrame(
  bench: IWorkbench,
  title: string
): Promise<string | null> {
  const { notebook, trans } = bench;
  const { kernel, panel } = notebook;
  if (!kernel) {
    const lack = panel ? 'no_kernel' : 'no_notebook';
    await say(bench, title, lackOf(lack, trans));
    return null;
  }
  if (kernel.status === 'busy') {
    await say(bench, title, lackOf('busy', trans));
    return null;
  }
  const { frames, lack } = await framesOf(kernel);
  if (lack ?? frames.length === 0) {
    const none = trans.__('This notebook has no DataFrames yet: run a cell.');
    await say(bench, title, lack ? lackOf(lack, trans) : none);
    return null;
  }
  return choose(
    bench,
    title,
    trans.__('DataFrame'),
    frames.map(({ name }) => ({ label: name, value: name }))
  );
}

async function applyRecipe(bench: IWorkbench, title: string): Promise<void> {
  const { resultsApi, trans } = bench;
  const recipes = (await resultsApi.names())
    .map(({ latest }) => latest)
    .filter(({ recipes }) => recipes > 0);
  if (recipes.length === 0) {
    await say(bench, title, trans.__('No recipes yet'));
    return;
  }
  const recipe = await choose(
    bench,
    title,
    trans.__('Recipe'),
    recipes.map(value => ({ label: handleOf(value), value }))
  );
  const frame = recipe && (await chooseFrame(bench, title));
  if (recipe && frame) {
    await insertOrCopy(bench, transformCode(recipe, frame));
  }
}

/** Open a result of a job, or a saved one, by its name. */
async function pickResult(bench: IWorkbench, title: string): Promise<void> {
  const { api, resultsApi, trans } = bench;
  const [{ items }, saved] = await Promise.all([
    api.jobs(MOST),
    resultsApi.names()
  ]);
  const done = items.filter(job => why.open(job, trans) === '');
  const open = await choose(bench, title, trans.__('Result'), [
    ...saved.map(({ id, latest }) => ({
      label: handleOf(latest),
      value: () =>
        openResult(bench, { result_id: id, n: latest.n }, loadCode(latest))
    })),
    ...done.map(job => ({
      label: `${nameOf(job)} (${job.id.slice(0, 8)})`,
      value: () => openResult(bench, { job_id: job.id }, codeOf(job))
    }))
  ]);
  if (open) {
    await open();
  } else if (saved.length + done.length === 0) {
    await say(bench, title, trans.__('There is no result yet.'));
  }
}

async function cancelAll(bench: IWorkbench, title: string): Promise<void> {
  const { api, feed, trans } = bench;
  const { items } = await api.jobs(MOST);
  const open = items.filter(job => !isFinal(job));
  if (open.length === 0) {
    await say(bench, title, trans.__('No job goes on.'));
    return;
  }
  const names = open.map(nameOf).join(', ');
  const sure = await confirmed(
    bench,
    trans._n('Cancel %1 job?', 'Cancel %1 jobs?', open.length),
    trans.__('%1. What is finished is kept.', names),
    trans.__('Cancel')
  );
  if (sure) {
    await Promise.all(open.map(job => feed.cancel(job.id)));
  }
}

async function copyReport({ api, trans }: IWorkbench): Promise<void> {
  const now = new Date();
  const report = await serviceOf(api).then(
    service => reportOf(service, null, now, trans),
    (error: unknown) => reportOf(null, asProblem(error), now, trans)
  );
  Clipboard.copyToSystem(report);
  Notification.info(trans.__('The report on the service was copied.'), {
    autoClose: 5_000
  });
}

interface IAction {
  id: string;
  label: string;
  caption: string;
  execute: (title: string) => Promise<void>;
}

function frameActions(bench: IWorkbench): IAction[] {
  const { trans } = bench;
  const labels: [FrameVerb, string, string][] = [
    [
      'profile',
      trans.__('Wrangler: Profile a DataFrame…'),
      trans.__('Tell what is missing in a DataFrame of the notebook')
    ],
    [
      'wrangle',
      trans.__('Wrangler: Impute a DataFrame…'),
      trans.__('Open the panel for a DataFrame of the notebook')
    ],
    [
      'recommend',
      trans.__('Wrangler: Recommend methods for a DataFrame…'),
      trans.__('A method for each column, with the reason')
    ],
    [
      'correlate',
      trans.__('Wrangler: Correlate the columns of a DataFrame…'),
      trans.__('How columns go together, and what is missing together')
    ],
    [
      'compare',
      trans.__('Wrangler: Compare methods on a DataFrame…'),
      trans.__('Insert the code that compares methods on hidden cells')
    ]
  ];
  return labels.map(([verb, label, caption]) => ({
    id: `jupyter-wrangler:${verb}-frame`,
    label,
    caption,
    execute: async title => {
      const name = await chooseFrame(bench, title);
      if (name) {
        // a comparison takes long: whoever reads the code runs it
        const put = verb === 'compare' ? insertOrCopy : insertAndRun;
        await put(bench, frameCode(verb, name));
      }
    }
  }));
}

function otherActions(bench: IWorkbench): IAction[] {
  const { trans } = bench;
  return [
    {
      id: 'jupyter-wrangler:apply-recipe',
      label: trans.__('Wrangler: Apply a recipe to a DataFrame…'),
      caption: trans.__('Insert the code that applies fitted models to rows'),
      execute: title => applyRecipe(bench, title)
    },
    {
      id: 'jupyter-wrangler:pick-result',
      label: trans.__('Wrangler: Open a result…'),
      caption: trans.__('Open the result of a job, or a saved one, in a tab'),
      execute: title => pickResult(bench, title)
    },
    {
      id: 'jupyter-wrangler:cancel-all',
      label: trans.__('Wrangler: Cancel all jobs that go on…'),
      caption: trans.__('What is finished is kept'),
      execute: title => cancelAll(bench, title)
    },
    {
      id: 'jupyter-wrangler:copy-report',
      label: trans.__('Wrangler: Copy report on the service'),
      caption: trans.__('Copy this as a text for an administrator'),
      execute: () => copyReport(bench)
    }
  ];
}

/** Add the commands; returns their ids. */
export function addPaletteCommands(bench: IWorkbench): string[] {
  const { app, trans } = bench;
  const actions = [...frameActions(bench), ...otherActions(bench)];
  for (const { id, label, caption, execute } of actions) {
    app.commands.addCommand(id, {
      label,
      caption,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () =>
        attempt(bench, trans.__('This was not done'), () =>
          execute(label.replace(/^.*?: /, ''))
        )
    });
  }
  return actions.map(({ id }) => id);
}
