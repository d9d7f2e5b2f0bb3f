/**
 * The side panel: connected exactly while somebody can see it.
 */
import { Clipboard, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import * as React from 'react';
import type { JobFeed } from '../model/feed';
import { wranglerIcon } from '../icon';
import { JobList } from './JobList';

/** How a press of a pointer ends. */
const RELEASES = ['pointerup', 'pointercancel', 'dragend'] as const;

/** Milliseconds after which a press is over: its end may go to another window. */
const LONGEST = 10_000;

export class JobPanel extends ReactWidget {
  constructor(
    private readonly feed: JobFeed,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.id = 'jp-Wrangler-panel';
    this.addClass('jp-Wrangler-panel');
    this.title.icon = wranglerIcon;
    this.title.caption = trans.__('Wrangler jobs');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Wrangler jobs'));
    // so that showing the panel has something to give the focus to
    this.node.tabIndex = -1;
    this.feed.changed.connect(() => {
      this.update();
    });
    // what moves under a pressed pointer is not clicked: draw after the release
    this.node.addEventListener('pointerdown', this.press);
    for (const end of RELEASES) {
      document.addEventListener(end, this.release, true);
    }
    document.addEventListener('visibilitychange', this.follow);
  }

  override dispose(): void {
    document.removeEventListener('visibilitychange', this.follow);
    for (const end of RELEASES) {
      document.removeEventListener(end, this.release, true);
    }
    clearTimeout(this.timer);
    this.feed.stop(this);
    super.dispose();
  }

  protected override render(): React.JSX.Element {
    return (
      <JobList
        state={this.feed.state}
        now={new Date()}
        trans={this.trans}
        cancel={id => void this.feed.cancel(id)}
        retry={id => void this.feed.retry(id)}
        refresh={() => void this.feed.refresh()}
        copy={text => {
          Clipboard.copyToSystem(text);
        }}
      />
    );
  }

  protected override onUpdateRequest(message: Message): void {
    if (!this.pressed) {
      super.onUpdateRequest(message);
    }
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this.node.focus();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.follow();
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.follow();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.follow();
  }

  protected override onBeforeDetach(message: Message): void {
    this.feed.stop(this);
    super.onBeforeDetach(message);
  }

  private readonly press = (event: PointerEvent): void => {
    if (event.button === 0) {
      this.pressed = true;
      clearTimeout(this.timer);
      this.timer = setTimeout(this.release, LONGEST);
    }
  };

  private readonly release = (): void => {
    clearTimeout(this.timer);
    if (this.pressed) {
      this.pressed = false;
      // posted, and so after the click
      this.update();
    }
  };

  private readonly follow = (): void => {
    if (this.isVisible && !document.hidden) {
      this.feed.start(this);
    } else {
      this.feed.stop(this);
    }
  };

  private pressed = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
}
