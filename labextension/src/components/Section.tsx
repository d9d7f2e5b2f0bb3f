/**
 * A section of the side panel: connected exactly while somebody can see it.
 */
import { ReactWidget } from '@jupyterlab/apputils';
import type { Message } from '@lumino/messaging';

/** How a press of a pointer ends. */
const RELEASES = ['pointerup', 'pointercancel', 'dragend'] as const;

/** Milliseconds after which a press is over: its end may go to another window. */
const LONGEST = 10_000;

/** Something that asks the service only for views that can be seen. */
export interface ISource {
  start(view: object): void;
  stop(view: object): void;
}

export abstract class Section extends ReactWidget {
  /**
   * @param label - Title in the accordion.
   * @param about - What it is, in commands; the accordion names the region itself.
   * @param sources - What is asked while it can be seen.
   */
  constructor(
    id: string,
    label: string,
    about: string,
    private readonly sources: readonly ISource[]
  ) {
    super();
    this.id = id;
    this.addClass('jp-Wrangler-panel');
    this.title.label = label;
    this.title.caption = about;
    // so that showing the section has something to give the focus to
    this.node.tabIndex = -1;
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
    this.leave();
    super.dispose();
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
    this.leave();
    super.onBeforeDetach(message);
  }

  private leave(): void {
    for (const source of this.sources) {
      source.stop(this);
    }
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
      for (const source of this.sources) {
        source.start(this);
      }
    } else {
      this.leave();
    }
  };

  private pressed = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
}
