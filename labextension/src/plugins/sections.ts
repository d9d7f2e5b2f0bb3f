/**
 * The sections of the side panel, each with what its rows ask for.
 */
import { InputDialog } from '@jupyterlab/apputils';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import { Menu } from '@lumino/widgets';
import { DataPanel } from '../components/DataPanel';
import { dragCode } from '../components/drag';
import { JobPanel } from '../components/JobPanel';
import { RecipePanel } from '../components/RecipePanel';
import { ResultPanel } from '../components/ResultPanel';
import type { FrameSource } from '../model/frames';
import { frameCode, readCode, transformCode } from '../words/frames';
import { nameOf } from '../words/jobs';
import { handleOf, loadCode } from '../words/results';
import { codeOf } from './job-commands';
import { insertAndRun, insertOrCopy, type IWorkbench } from './workbench';

/** A menu of commands, for one job or version. */
function openMenu(
  commands: CommandRegistry,
  groups: readonly (readonly string[])[],
  args: ReadonlyJSONObject,
  x: number,
  y: number
): void {
  const menu = new Menu({ commands });
  groups.forEach((group, i) => {
    if (i > 0) {
      menu.addItem({ type: 'separator' });
    }
    for (const command of group) {
      menu.addItem({ command, args });
    }
  });
  menu.aboutToClose.connect(() => {
    // its command is executed after it has closed
    setTimeout(() => {
      menu.dispose();
    });
  });
  menu.open(x, y);
}

export function jobSection(bench: IWorkbench, groups: string[][]): JobPanel {
  const { app, feed, notebook, selection, trans } = bench;
  const execute = (command: string, job_id: string): void => {
    void app.commands.execute(command, { job_id });
  };
  return new JobPanel(
    feed,
    notebook,
    {
      open: id => {
        execute('jupyter-wrangler:open-job', id);
      },
      insert: id => {
        execute('jupyter-wrangler:insert-job-code', id);
      },
      menu: (job_id, x, y) => {
        openMenu(app.commands, groups, { job_id }, x, y);
      },
      select: id => {
        selection.job = id;
      },
      drag: (id, event) => {
        const job = feed.state.jobs.find(known => known.id === id);
        if (job) {
          dragCode(event, codeOf(job), nameOf(job));
        }
      }
    },
    trans
  );
}

export function resultSection(
  bench: IWorkbench,
  groups: string[][]
): ResultPanel {
  const { app, notebook, results, resultsApi, selection, trans } = bench;
  return new ResultPanel(
    results,
    id => resultsApi.versions(id),
    notebook,
    {
      open: of => {
        void app.commands.execute('jupyter-wrangler:open-version', { ...of });
      },
      insert: of => {
        void app.commands.execute('jupyter-wrangler:insert-load-code', {
          ...of
        });
      },
      menu: (of, x, y) => {
        openMenu(app.commands, groups, { ...of }, x, y);
      },
      select: of => {
        selection.version = of;
      },
      drag: (of, event) => {
        dragCode(event, loadCode(of), handleOf(of));
      }
    },
    trans
  );
}

export function dataSection(bench: IWorkbench, frames: FrameSource): DataPanel {
  return new DataPanel(
    frames,
    bench.notebook,
    {
      profile: name => void insertAndRun(bench, frameCode('profile', name)),
      wrangle: name => void insertAndRun(bench, frameCode('wrangle', name))
    },
    bench.trans
  );
}

export function recipeSection(
  bench: IWorkbench,
  frames: FrameSource
): RecipePanel {
  const { notebook, results, trans } = bench;
  const ask = async (recipe: { name: string; n: number }): Promise<void> => {
    const { value } = await InputDialog.getText({
      title: trans.__('Apply %1 to a file', handleOf(recipe)),
      label: trans.__('Path of a CSV, TSV, Parquet or Excel file'),
      text: 'new.csv',
      okLabel: trans.__('Insert code'),
      cancelLabel: trans.__('Cancel')
    });
    const path = value?.trim();
    if (path) {
      await insertOrCopy(bench, transformCode(recipe, readCode(path)));
    }
  };
  return new RecipePanel(
    results,
    frames,
    notebook,
    {
      toFrame: (recipe, frame) =>
        void insertOrCopy(bench, transformCode(recipe, frame)),
      toFile: recipe => void ask(recipe)
    },
    trans
  );
}
