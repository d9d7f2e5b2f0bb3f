/**
 * A panel in the output of a cell: the widget while it lives, else what is stored.
 *
 * The widget itself is drawn by what the notebook has for widgets; it leaves an error
 * message, or dead buttons, when its kernel is gone.
 */
import type { ISessionContext } from '@jupyterlab/apputils';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { Session } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Panel, Widget } from '@lumino/widgets';
import {
  HTML,
  WIDGET,
  endsWidgets,
  partOf,
  storedAt,
  widgetId
} from '../model/panel';
import { whyStored } from '../words/panel';

/** Set by ipywidgets on a view whose kernel does not answer any more. */
const DISCONNECTED = 'jupyter-widgets-disconnected';
/** Milliseconds for which a widget may load before what is stored is shown. */
const PATIENCE = 1000;
/** Milliseconds between two looks for what draws widgets, and how many there are. */
const LOOK = 250;
const LOOKS = 40;

export interface IPanelServices {
  /** Of the notebook: it knows the widgets of its kernel. */
  rendermime: IRenderMimeRegistry;
  session: ISessionContext;
  trans: TranslationBundle;
}

export class PanelOutput extends Panel implements IRenderMime.IRenderer {
  constructor(private readonly services: IPanelServices) {
    super();
    this.addClass('jp-Wrangler-panelOutput');
    this.why.addClass('jp-Wrangler-lost');
    this.why.node.setAttribute('role', 'status');
    this.why.hide();
    this.addWidget(this.why);
    this.observer = new MutationObserver(() => {
      this.judge();
    });
    services.session.statusChanged.connect(this.onStatus);
    services.session.kernelChanged.connect(this.onKernel);
  }

  /** Take what the notebook holds; called again whenever that changes. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.model = model;
    if (model.trusted && widgetId(model) && !this.live && !this.lost) {
      this.open(model);
    }
    await this.store();
    this.judge();
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    clearTimeout(this.timer);
    clearTimeout(this.looking);
    this.observer.disconnect();
    this.services.session.statusChanged.disconnect(this.onStatus);
    this.services.session.kernelChanged.disconnect(this.onKernel);
    super.dispose();
  }

  /** Let the notebook draw the widget. */
  private open(model: IRenderMime.IMimeModel): void {
    const { rendermime } = this.services;
    this.factory = rendermime.getFactory(WIDGET);
    this.look(LOOKS);
    if (!this.factory) {
      return;
    }
    this.live?.dispose();
    const live = rendermime.createRenderer(WIDGET);
    this.live = live;
    this.addWidget(live);
    this.observer.observe(live.node, { childList: true });
    this.patient = this.waits = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.patient = false;
      this.judge();
    }, PATIENCE);
    // a copy: the id is taken out of it when the view is closed
    const id = widgetId(model);
    const data = {
      [WIDGET]: { version_major: 2, version_minor: 0, model_id: id }
    };
    // it may wait until a kernel is there
    void live.renderModel(partOf(data, true)).finally(() => {
      this.waits = this.waits && this.live !== live;
      this.judge();
    });
  }

  /**
   * Open the widget again once the notebook knows its kernel.
   *
   * After a reload ipywidgets has a renderer that waits for a kernel, and never hears of
   * it: only those that are outputs themselves are told.  No signal says when the one
   * with the kernel is there.
   */
  private look(times: number): void {
    clearTimeout(this.looking);
    this.looking = undefined;
    if (times > 0 && !this.isDisposed && !this.lost) {
      this.looking = setTimeout(() => {
        const { rendermime } = this.services;
        const found = rendermime.getFactory(WIDGET);
        if (this.model && !this.view && found !== this.factory) {
          this.open(this.model);
        } else if (!this.view) {
          this.look(times - 1);
        }
        this.judge();
      }, LOOK);
    }
  }

  /** Draw what is stored; always by the sanitizer, as it runs nothing. */
  private async store(): Promise<void> {
    const html = this.model?.data[HTML];
    if (typeof html !== 'string' || html === this.drawn) {
      return;
    }
    this.drawn = html;
    const stored = this.services.rendermime.createRenderer(HTML);
    await stored.renderModel(partOf({ [HTML]: html }, false));
    this.stored?.dispose();
    this.stored = stored;
    this.addWidget(stored);
  }

  /** The view of the widget, if there is one whose kernel answers. */
  private get view(): Widget | null {
    const [view] = this.live ? [...this.live.children()] : [];
    return view && !view.isDisposed && !this.lost ? view : null;
  }

  /** Show the widget if it lives, else what is stored and why. */
  private judge(): void {
    if (this.isDisposed || !this.model) {
      return;
    }
    const { view } = this;
    if (view) {
      this.observer.observe(view.node, { attributeFilter: ['class'] });
    }
    const alive = view !== null && !view.hasClass(DISCONNECTED);
    const loading =
      !alive && this.live !== null && view === null && this.patient;
    this.live?.setHidden(!alive);
    this.stored?.setHidden(alive || (loading && !this.lost));
    const looking = this.waits && this.looking !== undefined && !this.lost;
    this.why.setHidden(alive || looking || (loading && !this.lost));
    if (!alive) {
      this.why.node.textContent = whyStored(
        storedAt(this.model),
        this.model.trusted,
        new Date(),
        this.services.trans
      );
    }
  }

  private lose(): void {
    this.lost = true;
    this.judge();
  }

  private readonly onStatus = (_: ISessionContext, status: string): void => {
    if (endsWidgets(status)) {
      this.lose();
    }
  };

  private readonly onKernel = (
    _: ISessionContext,
    { oldValue, newValue }: Session.ISessionConnection.IKernelChangedArgs
  ): void => {
    if (oldValue && oldValue.id !== newValue?.id) {
      this.lose();
    } else if (this.model?.trusted && widgetId(this.model) && !this.view) {
      this.look(LOOKS);
    }
  };

  private readonly why = new Widget({ node: document.createElement('p') });
  private readonly observer: MutationObserver;
  private model: IRenderMime.IMimeModel | null = null;
  private live: IRenderMime.IRenderer | null = null;
  /** What has made `live`. */
  private factory: IRenderMime.IRendererFactory | undefined;
  private stored: IRenderMime.IRenderer | null = null;
  private drawn = '';
  /** Whether the kernel that the widget belongs to has ended. */
  private lost = false;
  private patient = true;
  /** Whether what draws widgets waits for a kernel. */
  private waits = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private looking: ReturnType<typeof setTimeout> | undefined;
}
