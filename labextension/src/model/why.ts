/**
 * Why the imputed cell that has the focus holds its value, asked when the focus rests.
 */
import { type ISignal, Signal } from '@lumino/signaling';
import type { WhyDocument } from './contract';
import type { IProblem } from './problems';
import type { ICellName } from './rows-api';

/** Milliseconds for which the focus rests on a cell before it is asked about. */
const REST = 200;
/** Answers that are kept. */
const KEPT = 200;

/** What is known about one cell. */
export type WhyState =
  | { readonly kind: 'none' | 'waiting' }
  | { readonly kind: 'answered'; readonly why: WhyDocument }
  | { readonly kind: 'failed'; readonly problem: IProblem };

export class WhyModel {
  /**
   * @param ask - Gets the answer.
   * @param problemFrom - What is wrong, whatever was thrown.
   */
  constructor(
    private readonly ask: (
      cell: ICellName,
      signal: AbortSignal
    ) => Promise<WhyDocument>,
    private readonly problemFrom: (error: unknown) => IProblem
  ) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get state(): WhyState {
    return this._state;
  }

  /** Turn to a cell, or to none; a request for another cell is given up. */
  look(cell: ICellName | null): void {
    const key = cell && keyOf(cell);
    if (key === this.key) {
      return;
    }
    this.stop();
    this.key = key;
    const known = key === null ? undefined : this.known.get(key);
    if (known) {
      this._state = { kind: 'answered', why: known };
    } else if (cell && key !== null) {
      this._state = { kind: 'waiting' };
      this.timer = setTimeout(() => void this.fetch(cell, key), REST);
    } else {
      this._state = { kind: 'none' };
    }
  }

  /** Ask again about the cell that could not be asked about. */
  retry(cell: ICellName): void {
    this.key = null;
    this.look(cell);
    this._changed.emit();
  }

  dispose(): void {
    this.stop();
    Signal.clearData(this);
  }

  private async fetch(cell: ICellName, key: string): Promise<void> {
    const abort = new AbortController();
    this.abort = abort;
    try {
      const why = await this.ask(cell, abort.signal);
      this.keep(key, why);
      if (this.key === key) {
        this.set({ kind: 'answered', why });
      }
    } catch (error) {
      if (!abort.signal.aborted && this.key === key) {
        this.set({ kind: 'failed', problem: this.problemFrom(error) });
      }
    }
  }

  private keep(key: string, why: WhyDocument): void {
    const [oldest] = this.known.keys();
    if (this.known.size >= KEPT && oldest !== undefined) {
      this.known.delete(oldest);
    }
    this.known.set(key, why);
  }

  private set(state: WhyState): void {
    this._state = state;
    this._changed.emit();
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.abort?.abort();
    this.abort = null;
  }

  private key: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private abort: AbortController | null = null;
  private readonly known = new Map<string, WhyDocument>();
  private _state: WhyState = { kind: 'none' };
  private readonly _changed = new Signal<this, void>(this);
}

function keyOf(cell: ICellName): string {
  return JSON.stringify([cell.row, cell.column, cell.imputation]);
}
