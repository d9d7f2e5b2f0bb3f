/**
 * Rows that are looked at, fetched in blocks: asked for once, kept while they are near.
 *
 * The data may have a million rows; what is here is what was looked at lately.  Blocks
 * that were scrolled past before they were asked for are not asked for at all.
 */
import { type ISignal, Signal } from '@lumino/signaling';
import type { RowPage } from './contract';
import type { IBlock } from './rows-api';

/** Rows and columns of a block, and blocks that are kept. */
export const ROWS = 100;
export const COLUMNS = 50;
const KEPT = 80;
/** Requests at a time, and blocks that wait at most: the last ones wanted come first. */
const AT_ONCE = 2;
const WAITING = 6;

export type Value = string | number | boolean | null;

export interface ICell {
  readonly value: Value;
  readonly imputed: boolean;
}

/** Which rows have come. */
export interface IArrival {
  readonly row: number;
  readonly rows: number;
  readonly column: number;
  readonly columns: number;
  readonly found: number;
}

interface IKept {
  readonly page: RowPage;
  readonly imputed: ReadonlySet<number>;
}

export type FetchBlock = (
  block: IBlock,
  signal: AbortSignal
) => Promise<RowPage>;

export class PageStore {
  constructor(
    private readonly fetch: FetchBlock,
    readonly columns: readonly string[]
  ) {}

  /** Emits when rows came. */
  get arrived(): ISignal<this, IArrival> {
    return this._arrived;
  }

  /** Emits when rows could not be fetched, and why. */
  get failed(): ISignal<this, unknown> {
    return this._failed;
  }

  /** A cell, or undefined while it is on its way. */
  cell(row: number, column: number): ICell | undefined {
    const kept = this.look(row, column);
    if (!kept) {
      return undefined;
    }
    const at = row - kept.page.offset;
    const across = column % COLUMNS;
    const value = kept.page.cells[at]?.[across];
    return value === undefined
      ? undefined
      : { value, imputed: kept.imputed.has(at * COLUMNS + across) };
  }

  /** The label of a row, or undefined while it is on its way. */
  label(row: number): string | undefined {
    const kept = this.look(row, 0);
    return kept?.page.index[row - kept.page.offset];
  }

  /** The position of a row in the data, from 0. */
  position(row: number): number | undefined {
    const kept = this.look(row, 0);
    return kept?.page.rows[row - kept.page.offset];
  }

  /** Ask again for what failed. */
  retry(): void {
    this.broken.clear();
    this.look(0, 0);
  }

  dispose(): void {
    this.left.abort();
    this.wanted = [];
    Signal.clearData(this);
  }

  private look(row: number, column: number): IKept | undefined {
    const key = this.key(row, column);
    const kept = this.kept.get(key);
    if (kept) {
      if (key !== this.latest) {
        // the last of a Map is the one that was looked at last
        this.kept.delete(key);
        this.kept.set(key, kept);
        this.latest = key;
      }
      return kept;
    }
    this.want(key);
    return undefined;
  }

  private key(row: number, column: number): number {
    const across = Math.ceil(this.columns.length / COLUMNS) || 1;
    return Math.floor(row / ROWS) * across + Math.floor(column / COLUMNS);
  }

  private want(key: number): void {
    if (
      this.left.signal.aborted ||
      this.underWay.has(key) ||
      this.broken.has(key)
    ) {
      return;
    }
    if (this.wanted[this.wanted.length - 1] !== key) {
      this.wanted = [...this.wanted.filter(one => one !== key), key].slice(
        -WAITING
      );
    }
    this.next();
  }

  private next(): void {
    while (this.underWay.size < AT_ONCE) {
      const key = this.wanted.pop();
      if (key === undefined) {
        return;
      }
      this.underWay.add(key);
      void this.get(key);
    }
  }

  private async get(key: number): Promise<void> {
    const across = Math.ceil(this.columns.length / COLUMNS) || 1;
    const row = Math.floor(key / across) * ROWS;
    const column = (key % across) * COLUMNS;
    const columns = this.columns.slice(column, column + COLUMNS);
    const { signal } = this.left;
    try {
      const page = await this.fetch(
        { offset: row, limit: ROWS, first: column, columns },
        signal
      );
      if (signal.aborted) {
        return;
      }
      this.keep(key, page);
      this._arrived.emit({
        row,
        rows: page.rows.length,
        column,
        columns: columns.length,
        found: page.n_found
      });
    } catch (error) {
      if (!signal.aborted) {
        this.broken.add(key);
        this._failed.emit(error);
      }
    } finally {
      this.underWay.delete(key);
      this.next();
    }
  }

  private keep(key: number, page: RowPage): void {
    const imputed = new Set<number>();
    page.imputed.forEach((columns, row) => {
      for (const column of columns) {
        imputed.add(row * COLUMNS + column);
      }
    });
    this.kept.set(key, { page, imputed });
    this.latest = key;
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= KEPT) {
        break;
      }
      this.kept.delete(oldest);
    }
  }

  private readonly kept = new Map<number, IKept>();
  private readonly underWay = new Set<number>();
  private readonly broken = new Set<number>();
  private wanted: number[] = [];
  private latest = -1;
  private readonly left = new AbortController();
  private readonly _arrived = new Signal<this, IArrival>(this);
  private readonly _failed = new Signal<this, unknown>(this);
}
