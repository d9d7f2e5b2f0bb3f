/**
 * The side panel with its sections, and the commands of everything in it.
 */
import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { SidePanel } from '@jupyterlab/ui-components';
import { AccordionPanel } from '@lumino/widgets';
import type { Section } from '../components/Section';
import { ServicePanel } from '../components/ServicePanel';
import { wranglerIcon } from '../icon';
import { FrameSource } from '../model/frames';
import { CurrentNotebook } from '../model/notebook';
import { ResultsApi } from '../model/results';
import { Selection } from '../model/selection';
import { serviceOf } from '../model/service';
import { Watched } from '../model/watched';
import { IJobFeed } from './feed';
import { addJobCommands } from './job-commands';
import { addPaletteCommands } from './palette-commands';
import { addResultCommands } from './result-commands';
import {
  dataSection,
  jobSection,
  recipeSection,
  resultSection
} from './sections';
import { followSetting, SETTINGS } from './settings';
import type { IWorkbench } from './workbench';

/** Between 501 and 899, the ranks left to third parties. */
const RANK = 650;
/** Milliseconds between looks at what no event tells about. */
const LOOKS = { results: 15_000, service: 10_000 };

/** What holds the sections of a side panel. */
function accordionOf({ content }: SidePanel): AccordionPanel {
  if (!(content instanceof AccordionPanel)) {
    throw new Error('jupyter-wrangler: the side panel is no accordion.');
  }
  return content;
}

/** Put sections into a side panel, the first ones unfolded. */
function sidePanel(
  bench: IWorkbench,
  sections: readonly Section[],
  unfolded: number
): SidePanel {
  const { trans } = bench;
  const panel = new SidePanel();
  panel.id = 'jp-Wrangler-panel';
  panel.addClass('jp-Wrangler-side');
  panel.title.icon = wranglerIcon;
  panel.title.caption = trans.__('Jupyter Wrangler');
  panel.node.setAttribute('role', 'region');
  panel.node.setAttribute('aria-label', trans.__('Jupyter Wrangler'));
  const accordion = accordionOf(panel);
  sections.forEach((section, i) => {
    panel.addWidget(section);
    if (i >= unfolded) {
      accordion.collapse(i);
    }
  });
  accordion.expansionToggled.connect((_, i) => {
    // one that was folded before it was ever drawn would unfold without height
    if (accordion.widgets[i]?.isHidden === false) {
      accordion.setRelativeSizes(
        accordion.widgets.map(({ isHidden }) => (isHidden ? 0 : 1))
      );
    }
  });
  return panel;
}

interface IShow {
  command: string;
  label: string;
  section: Section;
}

/** Add a command that shows a section; returns its id. */
function addShowCommand(
  bench: IWorkbench,
  panel: SidePanel,
  { command, label, section }: IShow
): void {
  const { app } = bench;
  app.commands.addCommand(command, {
    label,
    caption: section.title.caption,
    icon: wranglerIcon,
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => {
      app.shell.activateById(panel.id);
      const accordion = accordionOf(panel);
      accordion.expand(accordion.widgets.indexOf(section));
      section.activate();
    }
  });
}

function makeBench(
  app: JupyterFrontEnd,
  { api, feed }: IJobFeed,
  tracker: INotebookTracker | null,
  translator: ITranslator | null
): IWorkbench {
  const resultsApi = new ResultsApi(api);
  return {
    app,
    api,
    feed,
    resultsApi,
    results: new Watched('results', () => resultsApi.names(), LOOKS.results),
    notebook: new CurrentNotebook(tracker),
    selection: new Selection(),
    trans: (translator ?? nullTranslator).load('jupyter_wrangler')
  };
}

function addToPalette(
  bench: IWorkbench,
  palette: ICommandPalette,
  commands: readonly string[]
): void {
  const category = bench.trans.__('Wrangler');
  for (const command of commands) {
    palette.addItem({ command, category, args: { isPalette: true } });
  }
}

function addContextMenu(
  app: JupyterFrontEnd,
  selector: string,
  groups: readonly (readonly string[])[]
): void {
  groups.forEach((group, i) => {
    if (i > 0) {
      app.contextMenu.addItem({ type: 'separator', selector, rank: i });
    }
    for (const command of group) {
      app.contextMenu.addItem({ command, selector, rank: i });
    }
  });
}

export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: SETTINGS,
  description: 'Shows jobs, results and the service of Jupyter Wrangler.',
  autoStart: true,
  requires: [IJobFeed],
  optional: [
    ICommandPalette,
    ILayoutRestorer,
    ISettingRegistry,
    ITranslator,
    INotebookTracker
  ],
  activate: (
    app: JupyterFrontEnd,
    jobs: IJobFeed,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    registry: ISettingRegistry | null,
    translator: ITranslator | null,
    tracker: INotebookTracker | null
  ): void => {
    const bench = makeBench(app, jobs, tracker, translator);
    const { api, feed, selection, trans } = bench;
    const service = new Watched('service', () => serviceOf(api), LOOKS.service);
    const frames = new FrameSource(bench.notebook);
    const jobGroups = addJobCommands(bench);
    const resultGroups = addResultCommands(bench);
    const palettes = addPaletteCommands(bench);
    const shows: IShow[] = [
      {
        command: 'jupyter-wrangler:show-jobs',
        label: trans.__('Wrangler: Show jobs'),
        section: jobSection(bench, jobGroups)
      },
      {
        command: 'jupyter-wrangler:show-data',
        label: trans.__('Wrangler: Show data in this notebook'),
        section: dataSection(bench, frames)
      },
      {
        command: 'jupyter-wrangler:show-results',
        label: trans.__('Wrangler: Show saved results'),
        section: resultSection(bench, resultGroups)
      },
      {
        command: 'jupyter-wrangler:show-recipes',
        label: trans.__('Wrangler: Show recipes'),
        section: recipeSection(bench, frames)
      },
      {
        command: 'jupyter-wrangler:show-service',
        label: trans.__('Wrangler: Show service'),
        section: new ServicePanel(service, trans)
      }
    ];
    const sections = shows.map(({ section }) => section);
    const panel = sidePanel(bench, sections, 1);
    app.shell.add(panel, 'right', { rank: RANK, type: 'Wrangler' });
    restorer?.add(panel, panel.id);
    for (const show of shows) {
      addShowCommand(bench, panel, show);
    }
    const all = [...jobGroups.flat(), ...resultGroups.flat()];
    const refresh = (): void => {
      for (const id of all) {
        app.commands.notifyCommandChanged(id);
      }
    };
    selection.changed.connect(refresh);
    addContextMenu(
      app,
      '.jp-Wrangler-jobs .jp-Wrangler-job[data-job]',
      jobGroups
    );
    addContextMenu(app, '#jp-Wrangler-results .jp-Wrangler-job', resultGroups);
    void followSetting(registry, 'jobsShown', count => {
      feed.shown = Number(count);
    });
    if (palette) {
      const shown = shows.map(({ command }) => command);
      addToPalette(bench, palette, [...shown, ...palettes, ...all]);
    }
  }
};
