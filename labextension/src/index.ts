/**
 * Jupyter Wrangler in JupyterLab: one plugin for each feature.
 */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { cardPlugin } from './plugins/card';
import { feedPlugin } from './plugins/feed';
import { filesPlugin } from './plugins/files';
import { insertPlugin } from './plugins/insert';
import { launcherPlugin } from './plugins/launcher';
import { notifyPlugin } from './plugins/notify';
import { panelPlugin } from './plugins/panel';
import { resultPlugin } from './plugins/result';
import { runningPlugin } from './plugins/running';
import { statusPlugin } from './plugins/status';
import { watchPlugin } from './plugins/watch';
import { wranglePlugin } from './plugins/wrangle';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  feedPlugin,
  watchPlugin,
  panelPlugin,
  cardPlugin,
  filesPlugin,
  insertPlugin,
  launcherPlugin,
  notifyPlugin,
  resultPlugin,
  runningPlugin,
  statusPlugin,
  wranglePlugin
];

export default plugins;
