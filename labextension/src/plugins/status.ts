/**
 * The item of the status bar, there only while something runs or waits.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { StatusItem } from '../components/StatusItem';
import { followSetting } from './settings';
import { IJobWatch } from './watch';

export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-wrangler:status',
  description: 'Tells in the status bar how far jobs are.',
  autoStart: true,
  requires: [IJobWatch],
  optional: [IStatusBar, ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    watch: IJobWatch,
    bar: IStatusBar | null,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ): void => {
    if (!bar) {
      return;
    }
    const trans = (translator ?? nullTranslator).load('jupyter_wrangler');
    const show = (): void => {
      void app.commands.execute('jupyter-wrangler:show-jobs');
    };
    let wanted = true;
    const changed = new Signal<object, void>(watch);
    bar.registerStatusItem('jupyter-wrangler:status', {
      item: new StatusItem(watch, show, trans),
      align: 'left',
      rank: 20,
      isActive: () => wanted && watch.open.length > 0,
      activeStateChanged: changed
    });
    watch.changed.connect(() => {
      changed.emit();
    });
    void followSetting(registry, 'statusBar', value => {
      wanted = value !== false;
      changed.emit();
    });
  }
};
