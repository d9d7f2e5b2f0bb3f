/**
 * The section of named results.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { NamedResult, ResultVersion } from '../model/contract';
import type { CurrentNotebook } from '../model/notebook';
import type { Watched } from '../model/watched';
import { copy } from './clipboard';
import { type IResultActions, ResultList } from './ResultList';
import { Section } from './Section';

export class ResultPanel extends Section {
  constructor(
    private readonly results: Watched<readonly NamedResult[]>,
    private readonly versions: (
      id: string
    ) => Promise<readonly ResultVersion[]>,
    private readonly notebook: CurrentNotebook,
    private readonly commands: Omit<IResultActions, 'canInsert'>,
    private readonly trans: TranslationBundle
  ) {
    super(
      'jp-Wrangler-results',
      trans.__('Results'),
      trans.__('Wrangler results'),
      [results]
    );
    const draw = (): void => {
      this.update();
    };
    results.changed.connect(draw);
    notebook.changed.connect(draw);
  }

  protected override render(): React.JSX.Element {
    return (
      <ResultList
        state={this.results.state}
        versions={this.versions}
        now={new Date()}
        trans={this.trans}
        copy={copy}
        {...this.commands}
        canInsert={this.notebook.panel !== null}
        refresh={() => void this.results.refresh()}
      />
    );
  }
}
