/**
 * The result of a job in the main area: its card while it goes on, then its rows.
 */
import { ReactWidget } from '@jupyterlab/apputils';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Panel, type Widget } from '@lumino/widgets';
import * as React from 'react';
import type { WranglerApi } from '../model/api';
import { CARD } from '../model/card';
import { isFinal, type Job } from '../model/contract';
import type { JobFeed } from '../model/feed';
import type { IFeedState } from '../model/feed-state';
import type { Target } from '../model/open';
import { problemFrom, ResultModel } from '../model/result';
import { type ExportFormat, RowsApi } from '../model/rows-api';
import { nameOf } from '../words/jobs';
import {
  cellAloud,
  deleted,
  failure,
  headingAloud,
  ofJob,
  ofVersion
} from '../words/result';
import { handleOf } from '../words/results';
import { CellPane } from './CellPane';
import { ChartList } from './ChartList';
import { ResultHead } from './ResultHead';
import { Redrawn } from './Redrawn';
import { RowGrid } from './RowGrid';

export interface IResultServices {
  api: WranglerApi;
  feed: JobFeed;
  registry: IRenderMimeRegistry;
  trans: TranslationBundle;
  /** Puts code into a notebook; false if there is none, and it was copied. */
  insert: (code: string) => boolean;
  /** Opens the tab of another job. */
  open: (id: string) => void;
  /** Gives a file to the user. */
  save: (file: Blob, name: string) => void;
}

export class ResultTab extends Panel {
  constructor(
    private readonly services: IResultServices,
    readonly target: Target
  ) {
    super();
    this.addClass('jp-Wrangler-result');
    this.title.label = services.trans.__('Result');
    services.feed.changed.connect(this.onFeed);
    void this.load();
  }

  /** Draw again in another theme. */
  draw(): void {
    this.grid?.draw();
    this.charts?.draw();
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this.unfollow();
    this.services.feed.changed.disconnect(this.onFeed);
    this.result?.dispose();
    super.dispose();
  }

  protected override onActivateRequest(): void {
    if (this.grid) {
      this.grid.enter();
    } else {
      this.node.tabIndex = -1;
      this.node.focus();
    }
  }

  private async load(): Promise<void> {
    const { target } = this;
    const rows = new RowsApi(this.services.api, target);
    try {
      await ('job_id' in target
        ? this.loadJob(target.job_id, rows)
        : this.loadVersion(rows));
    } catch (error) {
      if (!this.left()) {
        this.showFailure(error);
      }
    }
  }

  private async loadJob(id: string, rows: RowsApi): Promise<void> {
    const { api, trans } = this.services;
    const job = await api.job(id);
    if (this.left()) {
      return;
    }
    this.entitle(nameOf(job));
    if (!isFinal(job)) {
      await this.showCard(job, '');
      return;
    }
    const manifest = await rows.manifest();
    if (this.left()) {
      return;
    }
    if (!manifest.summary || !('columns' in manifest.summary)) {
      await this.showCard(job, trans.__('This job has no rows to show.'));
    } else if (manifest.imputations.length === 0) {
      await this.showCard(job, trans.__('This job has finished nothing.'));
    } else {
      this.showRows(
        new ResultModel(rows, ofJob(job, manifest, trans), manifest)
      );
    }
  }

  /** Its rows outlive the job, which is not asked for. */
  private async loadVersion(rows: RowsApi): Promise<void> {
    const { trans } = this.services;
    const manifest = await rows.manifest();
    const { saved, summary } = manifest;
    if (this.left() || !saved) {
      return;
    }
    this.entitle(handleOf(saved));
    if (summary && 'columns' in summary && manifest.imputations.length > 0) {
      this.showRows(
        new ResultModel(rows, ofVersion(saved, manifest, trans), manifest)
      );
    } else {
      this.clear();
      this.showNote(trans.__('This version has no rows to show.'));
    }
  }

  private entitle(name: string): void {
    this.title.label = name;
    this.title.caption = this.services.trans.__('Result of %1', name);
  }

  private showNote(note: string): void {
    this.addWidget(
      ReactWidget.create(<p className="jp-Wrangler-waiting">{note}</p>)
    );
  }

  /** The card of a job that has no rows, or none yet. */
  private async showCard(job: Job, note: string): Promise<void> {
    const { api, feed, registry } = this.services;
    const data = await api.card(job.id);
    if (this.left()) {
      return;
    }
    this.clear();
    if (note) {
      this.showNote(note);
    }
    const card = registry.createRenderer(CARD);
    card.addClass('jp-Wrangler-result-card');
    this.addWidget(card);
    await card.renderModel(
      registry.createModel({ data: data as never, trusted: true })
    );
    if (!isFinal(job)) {
      this.followed = job.id;
      feed.follow(job.id);
      feed.start(this);
    }
  }

  private showRows(result: ResultModel): void {
    const { registry, trans } = this.services;
    this.clear();
    this.result = result;
    const head = new Redrawn(() => (
      <ResultHead
        trans={trans}
        result={result}
        notice={this.notice}
        busy={this.busy}
        insert={() => {
          this.insert(result);
        }}
        export={format => void this.export(result, format)}
        again={() => void this.again(result)}
      />
    ));
    head.addClass('jp-Wrangler-result-top');
    const pane = new Redrawn(() => <CellPane trans={trans} result={result} />);
    this.drawn = [head, pane];
    result.changed.connect(this.redraw, this);
    this.grid = new RowGrid(result, trans, () =>
      result.focus
        ? cellAloud(result.focus, trans)
        : headingAloud(result.question, result.found, trans)
    );
    this.charts = new ChartList(registry, result, trans);
    const side = new Panel();
    side.addClass('jp-Wrangler-result-side');
    side.node.setAttribute('role', 'complementary');
    side.node.setAttribute('aria-label', trans.__('The selected cell'));
    side.addWidget(pane);
    side.addWidget(this.charts);
    const middle = new Panel();
    middle.addClass('jp-Wrangler-result-rows');
    middle.addWidget(this.grid);
    middle.addWidget(side);
    this.addWidget(head);
    this.addWidget(middle);
  }

  private showFailure(error: unknown): void {
    const { feed, trans } = this.services;
    const { target } = this;
    const gone =
      'job_id' in target && problemFrom(error).code === 'job_not_found';
    if (gone) {
      // cards that offer its result are told
      feed.forget(target.job_id);
    }
    this.clear();
    this.addWidget(
      ReactWidget.create(
        <div className="jp-Wrangler-problem" role="alert">
          <p className="jp-Wrangler-error">
            {gone ? deleted(trans) : failure(problemFrom(error), trans)}
          </p>
          {!gone && (
            <button
              type="button"
              className="jp-Wrangler-button"
              onClick={() => void this.load()}
            >
              {trans.__('Try again')}
            </button>
          )}
        </div>
      )
    );
  }

  private insert({ of, question }: ResultModel): void {
    const { insert, trans } = this.services;
    this.say(
      insert(of.code(question.imputation))
        ? trans.__('The code is in the notebook.')
        : trans.__('No notebook is open; the code was copied.')
    );
  }

  private async export(
    { api, of, question }: ResultModel,
    format: ExportFormat
  ): Promise<void> {
    const { save, trans } = this.services;
    await this.during(trans.__('The file is being written…'), async () => {
      const file = await api.file(question.imputation, format);
      const name = `${of.name}.imputed.${format}`;
      save(file, name);
      return trans.__('%1 was given to the browser.', name);
    });
  }

  private async again({ api, of }: ResultModel): Promise<void> {
    const { open, trans } = this.services;
    await this.during(trans.__('Submitting…'), async () => {
      const next = await api.again(of.repeat);
      open(next.id);
      return trans.__('It runs again, as a new job.');
    });
  }

  private async during(
    doing: string,
    work: () => Promise<string>
  ): Promise<void> {
    this.busy = true;
    this.say(doing);
    try {
      this.notice = await work();
    } catch (error) {
      this.notice = failure(problemFrom(error), this.services.trans);
    } finally {
      this.busy = false;
      this.redraw();
    }
  }

  private say(words: string): void {
    this.notice = words;
    this.redraw();
  }

  private readonly redraw = (): void => {
    for (const widget of this.drawn) {
      widget.update();
    }
  };

  private readonly onFeed = (_: JobFeed, state: IFeedState): void => {
    const job = state.followed.find(({ id }) => id === this.followed);
    if (job && isFinal(job)) {
      this.unfollow();
      void this.load();
    }
  };

  private unfollow(): void {
    if (this.followed !== null) {
      this.services.feed.unfollow(this.followed);
      this.services.feed.stop(this);
      this.followed = null;
    }
  }

  /** Whether the tab was closed while something was waited for. */
  private left(): boolean {
    return this.isDisposed;
  }

  private clear(): void {
    while (this.widgets.length > 0) {
      this.widgets[0]?.dispose();
    }
  }

  private followed: string | null = null;
  private result: ResultModel | null = null;
  private grid: RowGrid | null = null;
  private charts: ChartList | null = null;
  private drawn: readonly Widget[] = [];
  private notice = '';
  private busy = false;
}
