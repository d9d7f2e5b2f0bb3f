/**
 * Jupyter Wrangler in JupyterLab: one plugin for each feature.
 */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { cardPlugin } from './plugins/card';
import { feedPlugin } from './plugins/feed';
import { insertPlugin } from './plugins/insert';
import { jobsPlugin } from './plugins/jobs';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  feedPlugin,
  jobsPlugin,
  cardPlugin,
  insertPlugin
];

export default plugins;
