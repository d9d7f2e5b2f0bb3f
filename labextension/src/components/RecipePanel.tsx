/**
 * The section of recipes.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { NamedResult } from '../model/contract';
import type { FrameSource } from '../model/frames';
import type { CurrentNotebook } from '../model/notebook';
import type { Watched } from '../model/watched';
import { copy } from './clipboard';
import { type IRecipeActions, RecipeList } from './RecipeList';
import { Section } from './Section';

export class RecipePanel extends Section {
  constructor(
    private readonly results: Watched<readonly NamedResult[]>,
    private readonly frames: FrameSource,
    private readonly notebook: CurrentNotebook,
    private readonly commands: Omit<IRecipeActions, 'canInsert'>,
    private readonly trans: TranslationBundle
  ) {
    super(
      'jp-Wrangler-recipes',
      trans.__('Recipes'),
      trans.__('Kept models to apply to other rows'),
      [results, frames]
    );
    const draw = (): void => {
      this.update();
    };
    results.changed.connect(draw);
    frames.changed.connect(draw);
    notebook.changed.connect(draw);
  }

  protected override render(): React.JSX.Element {
    return (
      <RecipeList
        state={this.results.state}
        frames={this.frames.state.frames.map(({ name }) => name)}
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
