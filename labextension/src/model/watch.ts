/**
 * Follows the jobs that this tab knows of until they end, also with the panel closed.
 *
 * It starts nothing by itself: a job is known once a card or the panel has shown it.
 * While one of them goes on, and the tab is in front, it holds the stream that all views
 * share; after that the stream is given back.
 */
import { type ISignal, Signal } from '@lumino/signaling';
import { isFinal, type Job } from './contract';
import type { JobFeed } from './feed';
import type { Jobs } from './jobs';

/** Where the ids of open jobs outlive a reload; each tab has its own. */
const KEY = 'jupyter-wrangler:open-jobs';

export class JobWatch {
  constructor(
    private readonly feed: JobFeed,
    private readonly storage: Storage | null = storageOfTab()
  ) {
    this.openIds = read(storage);
    feed.changed.connect(this.look);
    document.addEventListener('visibilitychange', this.look);
    this.look();
  }

  /** The jobs that go on, newest first. */
  get open(): Jobs {
    return this.openJobs;
  }

  /** The jobs that go on are others, or further. */
  get changed(): ISignal<this, void> {
    return this.changes;
  }

  /** A job that this tab knew of has ended. */
  get ended(): ISignal<this, Job> {
    return this.ends;
  }

  private readonly look = (): void => {
    const { jobs, followed, loaded } = this.feed.state;
    const listed = new Set(jobs.map(({ id }) => id));
    const known = [...jobs, ...followed.filter(({ id }) => !listed.has(id))];
    const before = this.openJobs;
    this.openJobs = known.filter(job => !isFinal(job));
    const ended = known.filter(job => isFinal(job) && this.openIds.has(job.id));
    if (loaded || known.length > 0) {
      this.openIds = new Set(this.openJobs.map(({ id }) => id));
      write(this.storage, this.openIds);
    }
    if (this.openIds.size > 0 && !document.hidden) {
      this.feed.start(this);
    } else {
      this.feed.stop(this);
    }
    if (!same(before, this.openJobs)) {
      this.changes.emit();
    }
    for (const job of ended) {
      this.ends.emit(job);
    }
  };

  private openJobs: Jobs = [];
  private openIds: ReadonlySet<string>;
  private readonly changes = new Signal<this, void>(this);
  private readonly ends = new Signal<this, Job>(this);
}

function same(a: Jobs, b: Jobs): boolean {
  return a.length === b.length && a.every((job, i) => job === b[i]);
}

/** What a browser keeps for a tab; null where it is set to keep nothing. */
function storageOfTab(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

function write(storage: Storage | null, ids: ReadonlySet<string>): void {
  try {
    storage?.setItem(KEY, JSON.stringify([...ids]));
  } catch (error) {
    // full: after a reload the ends of these jobs are not told
    console.debug('jupyter-wrangler: the browser keeps nothing.', error);
  }
}

function read(storage: Storage | null): ReadonlySet<string> {
  try {
    const found: unknown = JSON.parse(storage?.getItem(KEY) ?? '[]');
    const ids = Array.isArray(found) ? found : [];
    return new Set(ids.filter((id): id is string => typeof id === 'string'));
  } catch {
    return new Set();
  }
}
