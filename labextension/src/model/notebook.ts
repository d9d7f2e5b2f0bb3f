/**
 * The notebook in front of the user: where code goes, and whose jobs and frames it has.
 */
import { isCodeCellModel } from '@jupyterlab/cells';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';
import { CARD, parseSnapshot } from './card';

export class CurrentNotebook {
  /** Without a tracker there is never a notebook. */
  constructor(private readonly tracker: INotebookTracker | null) {
    tracker?.currentChanged.connect(() => {
      this.changes.emit();
    });
  }

  /** Another notebook is in front, or none. */
  get changed(): ISignal<this, void> {
    return this.changes;
  }

  /** File name of the notebook, null if there is none. */
  get name(): string | null {
    return this.panel?.title.label ?? null;
  }

  get kernel(): Kernel.IKernelConnection | null {
    return this.panel?.sessionContext.session?.kernel ?? null;
  }

  get panel(): NotebookPanel | null {
    const panel = this.tracker?.currentWidget ?? null;
    return panel?.isDisposed ? null : panel;
  }

  /** Ids of the jobs whose cards are in its outputs. */
  jobIds(): ReadonlySet<string> {
    const ids = new Set<string>();
    for (const cell of this.panel?.content.widgets ?? []) {
      if (!isCodeCellModel(cell.model)) {
        continue;
      }
      const { outputs } = cell.model;
      for (let i = 0; i < outputs.length; i++) {
        const snapshot = parseSnapshot(outputs.get(i).data[CARD]);
        if (snapshot) {
          ids.add(snapshot.id);
        }
      }
    }
    return ids;
  }

  /** Insert code below the active cell; returns whether it was done. */
  insert(code: string): boolean {
    const notebook = this.panel?.content;
    if (!notebook?.model) {
      return false;
    }
    const index = notebook.activeCellIndex + 1;
    notebook.model.sharedModel.insertCell(index, {
      cell_type: 'code',
      source: code
    });
    notebook.activeCellIndex = index;
    void notebook.scrollToItem(index);
    return true;
  }

  private readonly changes = new Signal<this, void>(this);
}
