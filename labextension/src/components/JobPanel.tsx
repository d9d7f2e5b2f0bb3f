/**
 * The section of jobs.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { JobFeed } from '../model/feed';
import { type IJobFilter, NO_FILTER } from '../model/filter';
import type { CurrentNotebook } from '../model/notebook';
import { copy } from './clipboard';
import { JobList } from './JobList';
import type { IJobActions } from './props';
import { Section } from './Section';

/** What is asked of jobs besides what the feed does. */
export type JobCommands = Omit<IJobActions, 'cancel' | 'retry' | 'canInsert'>;

export class JobPanel extends Section {
  constructor(
    private readonly feed: JobFeed,
    private readonly notebook: CurrentNotebook,
    private readonly commands: JobCommands,
    private readonly trans: TranslationBundle
  ) {
    super('jp-Wrangler-jobs', trans.__('Jobs'), trans.__('Wrangler jobs'), [
      feed
    ]);
    const draw = (): void => {
      this.update();
    };
    feed.changed.connect(draw);
    notebook.changed.connect(draw);
  }

  protected override render(): React.JSX.Element {
    const { filter } = this;
    return (
      <JobList
        state={this.feed.state}
        filter={filter}
        here={filter.here ? this.notebook.jobIds() : NONE}
        notebook={this.notebook.name}
        now={new Date()}
        trans={this.trans}
        {...this.actions}
        canInsert={this.notebook.panel !== null}
        refine={this.refine}
        refresh={this.refresh}
        copy={copy}
      />
    );
  }

  private readonly refine = (change: Partial<IJobFilter>): void => {
    this.filter = { ...this.filter, ...change };
    this.update();
  };

  private readonly refresh = (): void => {
    void this.feed.refresh();
  };

  /** The same at each drawing, so that rows that did not change are not drawn. */
  private readonly actions = {
    ...this.commands,
    cancel: (id: string): void => {
      void this.feed.cancel(id);
    },
    retry: (id: string): void => {
      void this.feed.retry(id);
    }
  };

  private filter: IJobFilter = NO_FILTER;
}

const NONE: ReadonlySet<string> = new Set();
