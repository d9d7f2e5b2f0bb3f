/**
 * What commands without arguments are meant for: the job and the version that were
 * looked at last in the panel.
 */
import { type ISignal, Signal } from '@lumino/signaling';
import type { IVersionOf } from './results';

export class Selection {
  get job(): string | null {
    return this.jobId;
  }

  set job(id: string | null) {
    if (id !== this.jobId) {
      this.jobId = id;
      this.changes.emit();
    }
  }

  get version(): IVersionOf | null {
    return this.versionOf;
  }

  set version(of: IVersionOf | null) {
    const before = this.versionOf;
    if (before?.result_id !== of?.result_id || before?.n !== of?.n) {
      this.versionOf = of;
      this.changes.emit();
    }
  }

  get changed(): ISignal<this, void> {
    return this.changes;
  }

  private jobId: string | null = null;
  private versionOf: IVersionOf | null = null;
  private readonly changes = new Signal<this, void>(this);
}
