/**
 * The section of the frames in the current notebook.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { FrameSource } from '../model/frames';
import type { CurrentNotebook } from '../model/notebook';
import { copy } from './clipboard';
import { FrameList, type IFrameActions } from './FrameList';
import { Section } from './Section';

export class DataPanel extends Section {
  constructor(
    private readonly frames: FrameSource,
    private readonly notebook: CurrentNotebook,
    private readonly commands: IFrameActions,
    private readonly trans: TranslationBundle
  ) {
    super(
      'jp-Wrangler-data',
      trans.__('Data in this notebook'),
      trans.__('DataFrames in this notebook'),
      [frames]
    );
    frames.changed.connect(() => {
      this.update();
    });
  }

  protected override render(): React.JSX.Element {
    return (
      <FrameList
        state={this.frames.state}
        notebook={this.notebook.name}
        now={new Date()}
        trans={this.trans}
        copy={copy}
        {...this.commands}
      />
    );
  }
}
