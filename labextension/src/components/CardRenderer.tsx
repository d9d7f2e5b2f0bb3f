/**
 * A job in the output of a cell: connected exactly while it can be seen and goes on.
 */
import { Clipboard, ReactWidget } from '@jupyterlab/apputils';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import * as React from 'react';
import type { WranglerApi } from '../model/api';
import {
  CARD,
  cardOf,
  isOutdated,
  type ISnapshot,
  needsNews,
  parseSnapshot,
  sameCard
} from '../model/card';
import type { JobFeed } from '../model/feed';
import type { IFeedState } from '../model/feed-state';
import { insertCode } from '../model/insert';
import { nameOf } from '../words/jobs';
import { JobCard } from './JobCard';

/** Milliseconds between two drawings: at most four a second. */
const PACE = 250;

export interface ICardServices {
  api: WranglerApi;
  feed: JobFeed;
  trans: TranslationBundle;
  /** Asks the user for a decision. */
  confirm: (question: string) => Promise<boolean>;
}

export class CardRenderer extends ReactWidget implements IRenderMime.IRenderer {
  constructor(private readonly services: ICardServices) {
    super();
    this.addClass('jp-Wrangler-output');
    this.drawn = services.feed.state;
    services.feed.changed.connect(this.onFeed);
    document.addEventListener('visibilitychange', this.connect);
  }

  /** Take what the notebook holds; called again whenever that changes. */
  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.model = model;
    const snapshot = parseSnapshot(model.data[CARD]);
    const before = this.snapshot?.id;
    this.snapshot = snapshot;
    if (snapshot?.id !== before) {
      if (before !== undefined) {
        this.services.feed.unfollow(before);
      }
      if (snapshot) {
        this.services.feed.follow(snapshot.id);
      }
    }
    this.connect();
    this.update();
    return Promise.resolve();
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    const { feed } = this.services;
    document.removeEventListener('visibilitychange', this.connect);
    clearTimeout(this.timer);
    feed.changed.disconnect(this.onFeed);
    feed.stop(this);
    if (this.snapshot) {
      feed.unfollow(this.snapshot.id);
    }
    super.dispose();
  }

  protected override render(): React.JSX.Element {
    const { feed, trans } = this.services;
    this.drawnAt = Date.now();
    this.drawn = feed.state;
    if (!this.snapshot) {
      return (
        <p className="jp-Wrangler-card">
          {trans.__('This output is not a job of Jupyter Wrangler.')}
        </p>
      );
    }
    return (
      <JobCard
        card={cardOf(this.snapshot, feed.state)}
        now={new Date()}
        trans={trans}
        cancel={id => void this.act(trans.__('Cancel'), () => feed.cancel(id))}
        retry={id => void this.act(trans.__('Retry'), () => feed.retry(id))}
        prioritize={(id, priority) =>
          void this.act(trans.__('Change the turn of'), () =>
            feed.prioritize(id, priority)
          )
        }
        finish={id => void this.act(trans.__('Finish'), () => feed.finish(id))}
        refresh={() => void feed.refresh()}
        copy={text => {
          Clipboard.copyToSystem(text);
        }}
        insert={code => insertCode(this.node, code)}
      />
    );
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.connect();
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.connect();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.connect();
  }

  protected override onBeforeDetach(message: Message): void {
    this.services.feed.stop(this);
    super.onBeforeDetach(message);
  }

  /** Do what a button says; in a notebook of somebody else, ask before. */
  private async act(what: string, action: () => Promise<void>): Promise<void> {
    const { confirm, feed, trans } = this.services;
    if (!this.snapshot) {
      return;
    }
    const job = cardOf(this.snapshot, feed.state).job;
    const question = trans.__(
      '%1 the job "%2"? It runs on your server, in your name.',
      what,
      nameOf(job)
    );
    if (this.model?.trusted || (await confirm(question))) {
      await action();
      this.connect();
    }
  }

  private readonly onFeed = (_: JobFeed, state: IFeedState): void => {
    if (!this.snapshot || sameCard(this.snapshot.id, this.drawn, state)) {
      return;
    }
    this.connect();
    void this.store();
    const wait = this.drawnAt + PACE - Date.now();
    if (this.timer === undefined) {
      this.timer = setTimeout(
        () => {
          this.timer = undefined;
          this.update();
        },
        Math.max(0, wait)
      );
    }
  };

  /** Hold the stream as long as there may be news, and somebody sees them. */
  private readonly connect = (): void => {
    const { feed } = this.services;
    const wanted =
      this.snapshot !== null &&
      this.isVisible &&
      !document.hidden &&
      needsNews(this.snapshot, feed.state);
    if (wanted) {
      feed.start(this);
    } else {
      feed.stop(this);
    }
  };

  /** Write the end of a job into the notebook, so that a saved one tells the truth. */
  private async store(): Promise<void> {
    const { api, feed } = this.services;
    const before = this.snapshot;
    if (!before || this.storing || !isOutdated(before, feed.state)) {
      return;
    }
    this.storing = true;
    try {
      const data = await api.card(before.id);
      const snapshot = parseSnapshot(data[CARD]);
      if (this.isDisposed || snapshot?.id !== before.id) {
        return;
      }
      this.snapshot = snapshot;
      // what somebody else's notebook holds is not changed behind one's back
      if (this.model?.trusted) {
        const { metadata } = this.model;
        this.model.setData({
          data: data as IRenderMime.IMimeModel['data'],
          metadata
        });
      }
    } catch (error) {
      // the feed reports what is wrong, and the next news try again
      console.debug('jupyter-wrangler: the card was not stored yet.', error);
    } finally {
      this.storing = false;
    }
    this.connect();
    this.update();
  }

  private model: IRenderMime.IMimeModel | null = null;
  private snapshot: ISnapshot | null = null;
  private storing = false;
  private drawn: IFeedState;
  private drawnAt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
}
