/**
 * Lists jobs among the running terminals and kernels; to shut one down is to cancel it.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IRunningSessionManagers } from '@jupyterlab/running';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { wranglerIcon } from '../icon';
import { nameOf } from '../words/jobs';
import { standing } from '../words/watch';
import { IJobFeed } from './feed';
import { IJobWatch } from './watch';

export const runningPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-wrangler:running',
  description: 'Lists jobs of Jupyter Wrangler among what runs.',
  autoStart: true,
  requires: [IJobFeed, IJobWatch],
  optional: [IRunningSessionManagers, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    jobs: IJobFeed,
    watch: IJobWatch,
    managers: IRunningSessionManagers | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_wrangler');
    const { feed } = jobs;
    managers?.add({
      name: trans.__('Wrangler jobs'),
      running: () =>
        watch.open.map(job => ({
          icon: () => wranglerIcon,
          label: () => nameOf(job),
          labelTitle: () => job.id,
          detail: () => standing(job, trans),
          open: () => {
            void app.commands.execute('jupyter-wrangler:show-jobs');
          },
          shutdown: () => {
            void feed.cancel(job.id);
          }
        })),
      shutdownAll: () => {
        for (const job of watch.open) {
          void feed.cancel(job.id);
        }
      },
      // events tell; asking would start a service that rests
      refreshRunning: () => undefined,
      runningChanged: watch.changed,
      shutdownLabel: trans.__('Cancel'),
      shutdownAllLabel: trans.__('Cancel all'),
      shutdownAllConfirmationText: trans.__(
        'Cancel all jobs that this tab knows of? What is finished is kept.'
      )
    });
  }
};
