/**
 * Follows the jobs of this tab, for everything that tells of them outside the panel.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Token } from '@lumino/coreutils';
import { JobWatch } from '../model/watch';
import { IJobFeed } from './feed';

export type IJobWatch = JobWatch;

export const IJobWatch = new Token<IJobWatch>(
  'jupyter-wrangler:IJobWatch',
  'Tells of the jobs of Jupyter Wrangler that go on, and of their ends.'
);

export const watchPlugin: JupyterFrontEndPlugin<IJobWatch> = {
  id: 'jupyter-wrangler:watch',
  description: 'Follows jobs of Jupyter Wrangler with the panel closed.',
  autoStart: true,
  requires: [IJobFeed],
  provides: IJobWatch,
  activate: (_: JupyterFrontEnd, jobs: IJobFeed): IJobWatch =>
    new JobWatch(jobs.feed)
};
