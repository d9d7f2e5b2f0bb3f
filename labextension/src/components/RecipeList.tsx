import * as React from 'react';
import type { NamedResult } from '../model/contract';
import type { IWatchedState } from '../model/watched';
import { contents, handleOf } from '../words/results';
import { EmptyState } from './EmptyState';
import { InsertButton } from './InsertButton';
import { ProblemBanner } from './ProblemBanner';
import type { IPanelProps } from './props';

const EXAMPLE =
  'job = jw.impute(df, keep_models=True)\njob.result().save("patients")';

/** What can be asked for a recipe. */
export interface IRecipeActions {
  /** Inserts the code that applies it to a frame. */
  toFrame: (recipe: { name: string; n: number }, frame: string) => void;
  /** Asks for a file, and inserts the code that applies it to that. */
  toFile: (recipe: { name: string; n: number }) => void;
  canInsert: boolean;
}

export interface IRecipeListProps extends IPanelProps, IRecipeActions {
  state: IWatchedState<readonly NamedResult[]>;
  /** Names of the frames in the current notebook. */
  frames: readonly string[];
  refresh: () => void;
}

function RecipeRow(props: IRecipeListProps & { result: NamedResult }) {
  const { trans, result, frames } = props;
  const { name, latest } = result;
  const [chosen, choose] = React.useState('');
  const frame = frames.includes(chosen) ? chosen : (frames[0] ?? 'df');
  const title = `jp-Wrangler-recipe-${result.id}`;
  return (
    <li className="jp-Wrangler-job" aria-labelledby={title}>
      <div className="jp-Wrangler-head">
        <h3 className="jp-Wrangler-name" id={title}>
          {handleOf(latest)}
        </h3>
      </div>
      <div className="jp-Wrangler-line">{contents(latest, trans)}</div>
      <div className="jp-Wrangler-foot">
        {frames.length > 0 && (
          <select
            className="jp-Wrangler-input"
            aria-label={trans.__('DataFrame to apply %1 to', name)}
            value={frame}
            onChange={event => {
              choose(event.target.value);
            }}
          >
            {frames.map(one => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        )}
        <InsertButton
          trans={trans}
          label={trans.__('Apply')}
          about={trans.__('Insert the code that applies %1 to %2', name, frame)}
          canInsert={props.canInsert}
          insert={() => {
            props.toFrame(latest, frame);
          }}
        />
        <InsertButton
          trans={trans}
          label={trans.__('To a file…')}
          about={trans.__('Insert the code that applies %1 to a file', name)}
          canInsert={props.canInsert}
          insert={() => {
            props.toFile(latest);
          }}
        />
      </div>
    </li>
  );
}

/** Results whose fitted models were kept, to be applied to other rows. */
export function RecipeList(props: IRecipeListProps): React.JSX.Element {
  const { state, trans } = props;
  const { value, problem } = state;
  const recipes = (value ?? []).filter(({ latest }) => latest.recipes > 0);
  return (
    <>
      {problem && (
        <ProblemBanner {...props} problem={problem} stale={value !== null} />
      )}
      {value && !problem && recipes.length === 0 && (
        <EmptyState
          {...props}
          title={trans.__('No recipes yet')}
          text={trans.__(
            'A result with its fitted models can fill the same columns of other rows. Run this in a notebook:'
          )}
          example={EXAMPLE}
        />
      )}
      <ul
        className="jp-Wrangler-jobs"
        role="list"
        aria-label={trans.__('Recipes, newest first')}
        hidden={recipes.length === 0}
      >
        {recipes.map(result => (
          <RecipeRow key={result.id} {...props} result={result} />
        ))}
      </ul>
    </>
  );
}
