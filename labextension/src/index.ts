/**
 * Jupyter Wrangler in JupyterLab: one plugin for each feature.
 */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { jobsPlugin } from './plugins/jobs';

const plugins: JupyterFrontEndPlugin<unknown>[] = [jobsPlugin];

export default plugins;
