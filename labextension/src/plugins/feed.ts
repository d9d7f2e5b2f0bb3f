/**
 * The one feed of jobs that the panel and all cards of a page share.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Token } from '@lumino/coreutils';
import { WranglerApi } from '../model/api';
import { JobFeed } from '../model/feed';

/** The feed, and the requests it is made of. */
export interface IJobFeed {
  api: WranglerApi;
  feed: JobFeed;
}

export const IJobFeed = new Token<IJobFeed>(
  'jupyter-wrangler:IJobFeed',
  'Keeps the jobs of Jupyter Wrangler up to date for everything that shows them.'
);

export const feedPlugin: JupyterFrontEndPlugin<IJobFeed> = {
  id: 'jupyter-wrangler:feed',
  description: 'Keeps the jobs of Jupyter Wrangler up to date.',
  autoStart: true,
  provides: IJobFeed,
  activate: (app: JupyterFrontEnd): IJobFeed => {
    const api = new WranglerApi(app.serviceManager.serverSettings);
    const { user } = app.serviceManager;
    return {
      api,
      feed: new JobFeed(api, () => user.identity?.username ?? null)
    };
  }
};
