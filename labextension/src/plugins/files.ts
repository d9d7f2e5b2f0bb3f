/**
 * Opens files of the file browser in tabs: to impute them, or to profile them.
 */
import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  Clipboard,
  ICommandPalette,
  IThemeManager,
  MainAreaWidget,
  WidgetTracker
} from '@jupyterlab/apputils';
import {
  FileDialog,
  IDefaultFileBrowser,
  IFileBrowserFactory
} from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { FileTab } from '../components/FileTab';
import { wranglerIcon } from '../icon';
import { type IFileTarget, targetOf, type Task } from '../model/file-work';
import { isTable } from '../model/files';
import { IJobFeed } from './feed';
import { showTab } from './place';
import { insertInto } from './result';

export const IMPUTE_FILE = 'jupyter-wrangler:impute-file';
export const PROFILE_FILE = 'jupyter-wrangler:profile-file';
const NAMESPACE = 'jupyter-wrangler-file';
/** Files, not folders, in any file browser. */
const SELECTOR = '.jp-DirListing-item[data-isdir="false"]';
/** Below *Open With*. */
const RANK = 3.5;

type Tab = MainAreaWidget<FileTab>;

function nameOf({ path }: IFileTarget): string {
  return encodeURIComponent(path);
}

export const filesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-wrangler:files',
  description: 'Imputes and profiles files of the file browser.',
  autoStart: true,
  requires: [IJobFeed, IRenderMimeRegistry],
  optional: [
    IFileBrowserFactory,
    IDefaultFileBrowser,
    ICommandPalette,
    ITranslator,
    ILayoutRestorer,
    INotebookTracker,
    ILabShell,
    IThemeManager
  ],
  activate: (
    app: JupyterFrontEnd,
    jobs: IJobFeed,
    registry: IRenderMimeRegistry,
    browsers: IFileBrowserFactory | null,
    browser: IDefaultFileBrowser | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    notebooks: INotebookTracker | null,
    lab: ILabShell | null,
    themes: IThemeManager | null
  ): void => {
    const languages = translator ?? nullTranslator;
    const trans = languages.load('jupyter_wrangler');
    const { commands, serviceManager } = app;
    const tracker = new WidgetTracker<Tab>({ namespace: NAMESPACE });

    const make = (target: IFileTarget): Tab => {
      const content = new FileTab(
        {
          ...jobs,
          registry,
          trans,
          insert: code => insertInto(notebooks, code),
          copy: text => {
            Clipboard.copyToSystem(text);
          }
        },
        target
      );
      const tab = new MainAreaWidget({ content });
      tab.id = `jp-Wrangler-file-${nameOf(target)}`;
      tab.title.icon = wranglerIcon;
      tab.title.closable = true;
      let stored = JSON.stringify(target);
      content.work.changed.connect(() => {
        const now = JSON.stringify(content.target);
        // its job comes back after a reload
        if (now !== stored) {
          stored = now;
          void tracker.save(tab);
        }
      });
      void tracker.add(tab);
      return tab;
    };

    /** The only file that is selected, below the root of the server. */
    const selected = (): string => {
      const current = browsers?.tracker.currentWidget ?? browser;
      const [item, ...others] = current ? [...current.selectedItems()] : [];
      const good = item && others.length === 0 && item.type !== 'directory';
      return good && isTable(item.name)
        ? serviceManager.contents.localPath(item.path)
        : '';
    };

    const choose = async (): Promise<string> => {
      if (!browser) {
        return '';
      }
      const { value } = await FileDialog.getOpenFiles({
        manager: browser.model.manager,
        title: trans.__('Choose a file with a table'),
        translator: languages,
        filter: item =>
          item.type === 'directory' || isTable(item.name) ? {} : null
      });
      const [item] = value ?? [];
      return item && item.type !== 'directory'
        ? serviceManager.contents.localPath(item.path)
        : '';
    };

    const open = async (
      task: Task,
      args: Readonly<Record<string, unknown>>
    ): Promise<Tab | null> => {
      const target =
        targetOf(task, args) ??
        targetOf(task, { path: selected() || (await choose()) });
      if (!target) {
        return null;
      }
      const there = tracker.find(
        tab => nameOf(tab.content.target) === nameOf(target)
      );
      const tab = there ?? make(target);
      showTab(app, lab, tab);
      if (there && there.content.work.task !== task) {
        void there.content.work.turnTo(task);
      }
      return tab;
    };

    const add = (
      id: string,
      task: Task,
      label: string,
      title: string,
      caption: string
    ): void => {
      commands.addCommand(id, {
        label: args => (args['isContext'] ? label : title),
        caption,
        icon: args => (args['isContext'] ? wranglerIcon : undefined),
        isVisible: args => !args['isContext'] || selected() !== '',
        describedBy: {
          args: {
            type: 'object',
            properties: {
              path: {
                type: 'string',
                description: trans.__('Path of a file of the server')
              },
              job: { type: 'string', description: trans.__('Id of a job') }
            }
          }
        },
        execute: args =>
          open(args['task'] === 'profile' ? 'profile' : task, args)
      });
      palette?.addItem({ command: id, category: trans.__('Wrangler') });
      app.contextMenu.addItem({
        command: id,
        args: { isContext: true },
        selector: SELECTOR,
        rank: RANK
      });
    };
    add(
      IMPUTE_FILE,
      'impute',
      trans.__('Impute missing values…'),
      trans.__('Wrangler: Impute missing values of a file…'),
      trans.__('Look at this file, plan, and impute it in the background')
    );
    add(
      PROFILE_FILE,
      'profile',
      trans.__('Profile missing values'),
      trans.__('Wrangler: Profile missing values of a file…'),
      trans.__('Tell what is missing in this file')
    );

    themes?.themeChanged.connect(() => {
      tracker.forEach(tab => {
        tab.content.draw();
      });
    });

    if (restorer) {
      void restorer.restore(tracker, {
        command: IMPUTE_FILE,
        args: ({ content: { target } }) => ({
          path: target.path,
          task: target.task,
          ...(target.job !== null && { job: target.job })
        }),
        name: tab => nameOf(tab.content.target)
      });
    }
  }
};
