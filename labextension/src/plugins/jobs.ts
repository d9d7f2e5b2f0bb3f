/**
 * The side panel of jobs and its command.
 */
import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { JobFeed } from '../model/feed';
import { wranglerIcon } from '../icon';
import { JobPanel } from '../components/JobPanel';
import { IJobFeed } from './feed';

const ID = 'jupyter-wrangler:plugin';
const SHOW_JOBS = 'jupyter-wrangler:show-jobs';
/** Between 501 and 899, the ranks left to third parties. */
const RANK = 650;

/** Follow the user's settings; a broken settings file takes nothing away. */
async function follow(
  registry: ISettingRegistry,
  feed: JobFeed
): Promise<void> {
  try {
    const settings = await registry.load(ID);
    const read = (): void => {
      feed.shown = settings.composite['jobsShown'] as number;
    };
    read();
    settings.changed.connect(read);
  } catch (error) {
    console.warn('jupyter-wrangler: the settings could not be read.', error);
  }
}

export const jobsPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Lists the jobs of Jupyter Wrangler live in a side panel.',
  autoStart: true,
  requires: [IJobFeed],
  optional: [ICommandPalette, ILayoutRestorer, ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    jobs: IJobFeed,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_wrangler');
    const { feed } = jobs;
    const panel = new JobPanel(feed, trans);
    app.shell.add(panel, 'right', { rank: RANK, type: 'Wrangler' });
    restorer?.add(panel, panel.id);
    if (registry) {
      void follow(registry, feed);
    }

    app.commands.addCommand(SHOW_JOBS, {
      label: trans.__('Wrangler: Show jobs'),
      caption: trans.__('Show the side panel of imputation jobs'),
      icon: wranglerIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        app.shell.activateById(panel.id);
      }
    });
    palette?.addItem({
      command: SHOW_JOBS,
      category: trans.__('Wrangler')
    });
  }
};
