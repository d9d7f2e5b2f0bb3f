/**
 * Tells when jobs end that were submitted or seen in this tab.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Job } from '../model/contract';
import { ending } from '../words/watch';
import { followSetting } from './settings';
import { IJobWatch } from './watch';

/** Milliseconds for which a success stays in view; it is kept in the list. */
const STAYS = 10_000;

function tell(app: JupyterFrontEnd, job: Job, trans: TranslationBundle): void {
  const does =
    (command: string, args = {}) =>
    (): void => {
      void app.commands.execute(command, args);
    };
  const message = ending(job, trans);
  if (job.state === 'succeeded') {
    const args = { job_id: job.id };
    Notification.success(message, {
      autoClose: STAYS,
      actions: [
        {
          label: trans.__('Show result'),
          callback: does('jupyter-wrangler:open-job', args)
        },
        {
          label: trans.__('Insert code'),
          callback: does('jupyter-wrangler:insert-job-code', args)
        }
      ]
    });
  } else if (job.state !== 'cancelled') {
    // whoever cancelled it knows
    Notification.error(message, {
      autoClose: false,
      actions: [
        {
          label: trans.__('Show jobs'),
          callback: does('jupyter-wrangler:show-jobs')
        }
      ]
    });
  }
}

export const notifyPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-wrangler:notify',
  description: 'Tells when jobs of Jupyter Wrangler end.',
  autoStart: true,
  requires: [IJobWatch],
  optional: [ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    watch: IJobWatch,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_wrangler');
    let wanted = true;
    void followSetting(registry, 'notifyOnFinish', value => {
      wanted = value !== false;
    });
    watch.ended.connect((_, job) => {
      if (wanted) {
        tell(app, job, trans);
      }
    });
  }
};
