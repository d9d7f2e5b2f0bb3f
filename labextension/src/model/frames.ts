/**
 * The frames of the current notebook: looked at between two cells, nothing of the user
 * runs, and no comm is opened.
 *
 * The kernel evaluates one function of our package by `user_expressions`, silently and
 * without a place in the history; see `widgets/inspection.py`.
 */
import { NotebookActions } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';
import type { CurrentNotebook } from './notebook';

export interface IFrame {
  name: string;
  kind: string;
  n_rows: number;
  n_columns: number;
  /** Share of cells without a value; null where it was not counted. */
  missing: number | null;
}

/** Why there is no list: the words are elsewhere. */
export type Lack =
  'no_notebook' | 'no_kernel' | 'no_python' | 'busy' | 'no_package';

export interface IFrames {
  frames: readonly IFrame[];
  lack: Lack | null;
}

const EXPRESSION =
  "__import__('jupyter_wrangler.widgets.inspection', fromlist=['_']).frames_here()";
const NAME = 'jupyter_wrangler';
const NOTHING: IFrames = { frames: [], lack: 'no_notebook' };

interface IFound {
  status?: string;
  data?: Record<string, unknown>;
}

/** Ask a kernel that is idle for its frames. */
export async function framesOf(
  kernel: Kernel.IKernelConnection
): Promise<IFrames> {
  const { language_info } = await kernel.info;
  if (language_info.name !== 'python') {
    return { frames: [], lack: 'no_python' };
  }
  const { content } = await kernel.requestExecute({
    code: '',
    silent: true,
    store_history: false,
    allow_stdin: false,
    stop_on_error: false,
    user_expressions: { [NAME]: EXPRESSION }
  }).done;
  const found = (
    'user_expressions' in content
      ? (content.user_expressions as Record<string, unknown>)[NAME]
      : undefined
  ) as IFound | undefined;
  const answer = found?.data?.['application/json'] as
    { frames?: IFrame[] } | undefined;
  return found?.status === 'ok' && answer?.frames
    ? { frames: answer.frames, lack: null }
    : { frames: [], lack: 'no_package' };
}

export class FrameSource {
  constructor(private readonly notebook: CurrentNotebook) {
    notebook.changed.connect(this.onNotebook);
    NotebookActions.executed.connect((_, { notebook: of }) => {
      if (of === this.notebook.panel?.content) {
        this.later();
      }
    });
  }

  get state(): IFrames {
    return this.current;
  }

  get changed(): ISignal<this, IFrames> {
    return this.changes;
  }

  /** Look for a view that can be seen. */
  start(view: object): void {
    const before = this.views.size;
    this.views.add(view);
    if (before === 0) {
      this.onNotebook();
    }
  }

  /** A view is not seen any more. */
  stop(view: object): void {
    this.views.delete(view);
  }

  /** Look again now. */
  async look(): Promise<void> {
    const { kernel, panel } = this.notebook;
    if (this.views.size === 0) {
      return;
    }
    if (!panel || !kernel) {
      this.set({ frames: [], lack: panel ? 'no_kernel' : 'no_notebook' });
      return;
    }
    if (kernel.status !== 'idle') {
      // what was found before stays in view while the cell runs
      this.set({ ...this.current, lack: 'busy' });
      return;
    }
    try {
      const found = await framesOf(kernel);
      if (kernel === this.notebook.kernel) {
        this.set(found);
      }
    } catch {
      // the kernel was restarted or is gone; the next status tells
      this.set({ frames: [], lack: 'no_kernel' });
    }
  }

  /** Another notebook is in front: hear of its kernel. */
  private readonly onNotebook = (): void => {
    const context = this.notebook.panel?.sessionContext;
    Signal.disconnectBetween(this.context, this);
    this.context = context ?? {};
    context?.statusChanged.connect(this.onStatus, this);
    context?.kernelChanged.connect(this.later, this);
    this.set(NOTHING);
    void this.look();
  };

  private readonly onStatus = (): void => {
    // our own look makes the kernel busy as well, so only who waits looks
    if (this.current.lack === 'busy' || this.current.lack === 'no_kernel') {
      this.later();
    }
  };

  /** Look once when several things happen at once. */
  private readonly later = (): void => {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      void this.look();
    }, 200);
  };

  private set(state: IFrames): void {
    this.current = state;
    this.changes.emit(state);
  }

  private current: IFrames = NOTHING;
  private context: object = {};
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly views = new Set<object>();
  private readonly changes = new Signal<this, IFrames>(this);
}
