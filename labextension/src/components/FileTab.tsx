/**
 * A file in the main area: looked at, planned, run, and saved when that is asked for.
 */
import { ReactWidget } from '@jupyterlab/apputils';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Panel } from '@lumino/widgets';
import * as React from 'react';
import { asProblem, type WranglerApi } from '../model/api';
import { CARD } from '../model/card';
import { embedded } from '../model/charts';
import { isFinal, type Job } from '../model/contract';
import type { JobFeed } from '../model/feed';
import type { IFeedState } from '../model/feed-state';
import { FileWork, type IFileTarget } from '../model/file-work';
import { FileRowsModel } from '../model/file-rows';
import { FilesApi, type IFilePreview } from '../model/files';
import { columnsOf, countedWords } from '../words/files';
import { cellAloud, failure } from '../words/result';
import { addChart, drawsCharts } from './addChart';
import { FilePlans } from './FilePlans';
import { FileSave } from './FileSave';
import { FileView } from './FileView';
import { Redrawn } from './Redrawn';
import { RowGrid } from './RowGrid';

export interface IFileServices {
  api: WranglerApi;
  feed: JobFeed;
  registry: IRenderMimeRegistry;
  trans: TranslationBundle;
  /** Puts code into a notebook; false if there is none, and it was copied. */
  insert: (code: string) => boolean;
  copy: (text: string) => void;
}

export class FileTab extends Panel {
  constructor(
    private readonly services: IFileServices,
    target: IFileTarget
  ) {
    super();
    const { api, feed, trans } = services;
    this.work = new FileWork(
      new FilesApi(api),
      target.path,
      target.task,
      target.job
    );
    this.addClass('jp-Wrangler-file');
    this.node.tabIndex = -1;
    const name = target.path.split('/').pop() ?? '';
    this.title.label = name;
    this.title.caption = trans.__('Missing values of %1', target.path);
    const { work } = this;
    this.view = new Redrawn(() => (
      <FileView {...services} work={work} trans={trans} rows={this.rows} />
    ));
    this.grid.addClass('jp-Wrangler-file-grid');
    this.plans = new Redrawn(() => (
      <FilePlans {...services} work={work} trans={trans} />
    ));
    this.save = new Redrawn(() => <FileSave work={work} trans={trans} />);
    this.middle.addClass('jp-Wrangler-file-middle');
    // one of its own: the main area gives the content a name
    const body = new Panel();
    body.node.setAttribute('role', 'region');
    body.node.setAttribute('aria-label', name);
    const parts = [this.view, this.grid, this.plans, this.middle, this.save];
    for (const part of parts) {
      body.addWidget(part);
    }
    this.addWidget(body);
    work.changed.connect(this.onChanged);
    feed.changed.connect(this.onFeed);
    void work.look();
    this.onChanged();
  }

  readonly work: FileWork;

  /** What this tab shows. */
  get target(): IFileTarget {
    const { path, task, job } = this.work;
    return { path, task, job };
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this.unfollow();
    this.rows?.dispose();
    this.services.feed.changed.disconnect(this.onFeed);
    this.work.changed.disconnect(this.onChanged);
    super.dispose();
  }

  protected override onActivateRequest(): void {
    this.node.focus();
  }

  /** Draw again in another theme. */
  draw(): void {
    this.drawn?.draw();
    this.drawCharts();
  }

  private readonly onChanged = (): void => {
    this.showRows();
    this.view.update();
    this.plans.update();
    this.save.update();
    const { task, job, profiled } = this.work;
    const shown = task === 'profile' ? (profiled?.html ?? null) : job;
    if (shown !== this.shown) {
      this.shown = shown;
      this.unfollow();
      while (this.middle.widgets.length > 0) {
        this.middle.widgets[0]?.dispose();
      }
      if (shown === null) {
        return;
      }
      void (task === 'profile' ? this.showProfile(shown) : this.showJob(shown));
    }
  };

  /** Show the rows of the file as it is read now. */
  private showRows(): void {
    const { work, services } = this;
    const { preview, file } = work;
    const wanted = work.task === 'profile' || work.job === null;
    const shown = wanted ? preview : null;
    if (shown === this.previewed) {
      return;
    }
    this.previewed = shown;
    this.rows?.dispose();
    this.drawn?.dispose();
    this.rows = this.drawn = null;
    if (!shown || !file) {
      return;
    }
    const { api, trans } = services;
    const columns = columnsOf(shown, trans);
    const rows = new FileRowsModel(new FilesApi(api), file, columns, shown);
    rows.failed.connect((_, problem) => {
      work.fail(problem);
    });
    rows.changed.connect(() => {
      this.view.update();
    });
    this.rows = rows;
    this.drawn = new RowGrid(rows, trans, () =>
      rows.focus ? cellAloud(rows.focus, trans) : countedWords(rows, trans)
    );
    this.grid.addWidget(this.drawn);
  }

  private async render(
    type: string,
    data: unknown,
    trusted: boolean
  ): Promise<void> {
    const { registry } = this.services;
    const drawn = registry.createRenderer(type);
    this.middle.addWidget(drawn);
    await drawn.renderModel(
      registry.createModel({ data: { [type]: data } as never, trusted })
    );
  }

  private async showProfile(html: string): Promise<void> {
    this.charts = new Panel();
    this.charts.addClass('jp-Wrangler-file-charts');
    const drawn = this.render('text/html', html, false);
    this.middle.addWidget(this.charts);
    this.drawCharts();
    await drawn;
  }

  /** Draw what a profile found, also in another theme. */
  private drawCharts(): void {
    const { charts, services, work } = this;
    if (!charts || charts.isDisposed || !drawsCharts(services.registry)) {
      return;
    }
    while (charts.widgets.length > 0) {
      charts.widgets[0]?.dispose();
    }
    for (const chart of work.profiled?.charts ?? []) {
      const place = new Panel();
      charts.addWidget(place);
      void addChart(place, services.registry, embedded(chart), services.trans);
    }
  }

  private async showJob(id: string): Promise<void> {
    const { api, feed, trans } = this.services;
    try {
      const data = await api.card(id);
      if (this.isDisposed || this.shown !== id) {
        return;
      }
      await this.render(CARD, data[CARD as never], true);
      this.take(await api.job(id));
      if (!this.work.hasResult) {
        this.followed = id;
        feed.follow(id);
        feed.start(this);
      }
    } catch (error) {
      if (!this.isDisposed && this.shown === id) {
        this.middle.addWidget(
          ReactWidget.create(
            <p className="jp-Wrangler-error" role="alert">
              {failure(asProblem(error), trans)}
            </p>
          )
        );
      }
    }
  }

  private readonly onFeed = (_: JobFeed, state: IFeedState): void => {
    const job = state.followed.find(({ id }) => id === this.followed);
    if (job) {
      this.take(job);
    }
  };

  private take(job: Job): void {
    if (isFinal(job) && job.id === this.shown) {
      this.unfollow();
      this.work.end(job.n_finished > 0 || job.state === 'succeeded');
    }
  }

  private unfollow(): void {
    if (this.followed !== null) {
      this.services.feed.unfollow(this.followed);
      this.services.feed.stop(this);
      this.followed = null;
    }
  }

  private readonly view: ReactWidget;
  private readonly grid = new Panel();
  private readonly plans: ReactWidget;
  private previewed: IFilePreview | null = null;
  private rows: FileRowsModel | null = null;
  private charts: Panel | null = null;
  private drawn: RowGrid | null = null;
  private readonly middle = new Panel();
  private readonly save: ReactWidget;
  private shown: string | null = null;
  private followed: string | null = null;
}
