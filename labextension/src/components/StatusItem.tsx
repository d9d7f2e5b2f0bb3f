import { ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { JobWatch } from '../model/watch';
import { together } from '../words/watch';

/** The item of the status bar: how many jobs go on, and how far they are. */
export class StatusItem extends ReactWidget {
  constructor(
    private readonly watch: JobWatch,
    private readonly reveal: () => void,
    private readonly trans: TranslationBundle
  ) {
    super();
    watch.changed.connect(() => {
      this.update();
    });
  }

  protected override render(): React.JSX.Element {
    const text = together(this.watch.open, this.trans);
    return (
      <button
        type="button"
        className="jp-Wrangler-statusitem"
        title={this.trans.__('Show the jobs that go on')}
        onClick={this.reveal}
      >
        {text}
      </button>
    );
  }
}
