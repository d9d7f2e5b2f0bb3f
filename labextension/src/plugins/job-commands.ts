/**
 * Everything that can be done with a job, as commands: for the palette, menus and keys.
 */
import { Clipboard, InputDialog } from '@jupyterlab/apputils';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { canRetry, isFinal, type Job } from '../model/contract';
import { resultCode, jobCode } from '../words/card';
import { nameOf } from '../words/jobs';
import * as why from '../words/refusals';
import { addTargetCommands, type ITargetCommand } from './target-commands';
import {
  attempt,
  confirmed,
  insertOrCopy,
  type IWorkbench,
  openResult
} from './workbench';

type IJobCommand = ITargetCommand<Job>;

/** The code that gives the result of a job, or the job where there is none. */
export function codeOf(job: Job): string {
  const has = job.state === 'succeeded' || (isFinal(job) && job.n_finished > 0);
  return has ? resultCode(job) : jobCode(job);
}

async function rename(bench: IWorkbench, job: Job): Promise<void> {
  const { api, feed, trans } = bench;
  const { value } = await InputDialog.getText({
    title: trans.__('Rename job'),
    label: trans.__('New name of the job'),
    text: nameOf(job),
    okLabel: trans.__('Rename'),
    cancelLabel: trans.__('Cancel')
  });
  const name = value?.trim();
  if (name && name !== job.name) {
    await attempt(bench, trans.__('The job was not renamed'), async () => {
      feed.take(await api.change(job.id, { name }));
    });
  }
}

async function remove(bench: IWorkbench, job: Job): Promise<void> {
  const { api, feed, trans } = bench;
  const sure = await confirmed(
    bench,
    trans.__('Delete the job "%1"?', nameOf(job)),
    trans.__(
      'What it has computed is deleted with it, unless it is saved under a name. This cannot be undone.'
    ),
    trans.__('Delete')
  );
  if (sure) {
    await attempt(bench, trans.__('The job was not deleted'), async () => {
      await api.remove(job.id);
      feed.forget(job.id);
    });
  }
}

function queueCommands(bench: IWorkbench): IJobCommand[] {
  const { api, feed, trans } = bench;
  const prioritize = async (
    job: Job,
    priority: Job['priority']
  ): Promise<void> => {
    await attempt(bench, trans.__('The priority was not changed'), async () => {
      feed.take(await api.change(job.id, { priority }));
    });
  };
  return [
    {
      id: 'jupyter-wrangler:raise-job',
      label: trans.__('Before my other jobs'),
      title: trans.__('Wrangler: Run job before my other jobs'),
      refusal: job => why.priority(job, 'high', trans),
      execute: job => prioritize(job, 'high')
    },
    {
      id: 'jupyter-wrangler:even-job',
      label: trans.__('In its turn'),
      title: trans.__('Wrangler: Run job in its turn'),
      refusal: job => why.priority(job, 'normal', trans),
      execute: job => prioritize(job, 'normal')
    },
    {
      id: 'jupyter-wrangler:lower-job',
      label: trans.__('After my other jobs'),
      title: trans.__('Wrangler: Run job after my other jobs'),
      refusal: job => why.priority(job, 'low', trans),
      execute: job => prioritize(job, 'low')
    }
  ];
}

function codeCommands(bench: IWorkbench): IJobCommand[] {
  const { notebook, trans } = bench;
  return [
    {
      id: 'jupyter-wrangler:open-job',
      label: trans.__('Open result'),
      title: trans.__('Wrangler: Open result of job'),
      refusal: job => why.open(job, trans),
      execute: job => openResult(bench, { job_id: job.id }, codeOf(job))
    },
    {
      id: 'jupyter-wrangler:insert-job-code',
      label: trans.__('Insert code'),
      title: trans.__('Wrangler: Insert code of job'),
      refusal: () => why.insert(notebook.name, trans),
      execute: job => insertOrCopy(bench, codeOf(job))
    },
    {
      id: 'jupyter-wrangler:copy-job-code',
      label: trans.__('Copy code'),
      title: trans.__('Wrangler: Copy code of job'),
      execute: job => {
        Clipboard.copyToSystem(codeOf(job));
      }
    }
  ];
}

function endCommands(bench: IWorkbench): IJobCommand[] {
  const { feed, trans } = bench;
  return [
    {
      id: 'jupyter-wrangler:cancel-job',
      label: trans.__('Cancel'),
      title: trans.__('Wrangler: Cancel job'),
      refusal: job => why.cancel(job, trans),
      execute: job => feed.cancel(job.id)
    },
    {
      id: 'jupyter-wrangler:finish-job',
      label: trans.__('Finish now'),
      title: trans.__('Wrangler: Finish job now'),
      refusal: job => why.finish(job, trans),
      execute: job => feed.finish(job.id)
    },
    {
      id: 'jupyter-wrangler:retry-job',
      label: trans.__('Retry'),
      title: trans.__('Wrangler: Retry job'),
      refusal: job => (canRetry(job) ? '' : why.retry(job, trans)),
      execute: job => feed.retry(job.id)
    },
    {
      id: 'jupyter-wrangler:rename-job',
      label: trans.__('Rename…'),
      title: trans.__('Wrangler: Rename job…'),
      execute: job => rename(bench, job)
    },
    {
      id: 'jupyter-wrangler:delete-job',
      label: trans.__('Delete…'),
      title: trans.__('Wrangler: Delete job…'),
      refusal: job => why.remove(job, trans),
      execute: job => remove(bench, job)
    }
  ];
}

/** Add the commands; returns their ids, in the order of the menu. */
export function addJobCommands(bench: IWorkbench): string[][] {
  const { feed, selection, trans } = bench;
  const kind = {
    find: (args: ReadonlyPartialJSONObject): Job | null => {
      const id = args['job_id'] ?? selection.job;
      return feed.state.jobs.find(job => job.id === id) ?? null;
    },
    nameOf,
    nothing: trans.__('no job is selected in the panel'),
    properties: {
      job_id: {
        type: 'string',
        description: 'Id of the job; that selected in the panel by default.'
      }
    }
  };
  return addTargetCommands(bench, kind, [
    codeCommands(bench),
    endCommands(bench),
    queueCommands(bench)
  ]);
}
