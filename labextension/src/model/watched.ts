/**
 * Something of the service that no event tells about: asked for now and then, while a
 * view of it can be seen.
 */
import { Poll } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';
import { asProblem } from './api';
import type { IProblem } from './problems';

/** Milliseconds between looks at most, after failures. */
const MAX_INTERVAL = 60_000;

export interface IWatchedState<T> {
  /** Null until the first answer. */
  value: T | null;
  problem: IProblem | null;
}

export class Watched<T> {
  /**
   * @param ask - Asks for all of it.
   * @param interval - Milliseconds between looks.
   */
  constructor(name: string, ask: () => Promise<T>, interval: number) {
    this.poll = new Poll({
      auto: false,
      name: `jupyter-wrangler:${name}`,
      factory: async () => {
        if (this.views.size === 0) {
          return;
        }
        try {
          this.set({ value: await ask(), problem: null });
        } catch (error) {
          this.set({ ...this.current, problem: asProblem(error) });
          // the rejection makes the poll wait longer each time
          throw error;
        }
      },
      frequency: { interval, backoff: true, max: MAX_INTERVAL },
      standby: 'when-hidden'
    });
  }

  get state(): IWatchedState<T> {
    return this.current;
  }

  get changed(): ISignal<this, IWatchedState<T>> {
    return this.changes;
  }

  /** Look for a view that can be seen. */
  start(view: object): void {
    const before = this.views.size;
    this.views.add(view);
    if (before === 0) {
      void this.poll.start();
      void this.poll.refresh();
    }
  }

  /** A view is not seen any more. */
  stop(view: object): void {
    this.views.delete(view);
    if (this.views.size === 0) {
      void this.poll.stop();
    }
  }

  /** Look again now. */
  async refresh(): Promise<void> {
    await this.poll.refresh();
  }

  private set(state: IWatchedState<T>): void {
    this.current = state;
    this.changes.emit(state);
  }

  private current: IWatchedState<T> = { value: null, problem: null };
  private readonly views = new Set<object>();
  private readonly poll: Poll;
  private readonly changes = new Signal<this, IWatchedState<T>>(this);
}
