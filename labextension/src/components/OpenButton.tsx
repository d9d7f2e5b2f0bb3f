import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { openResult } from '../model/open';

/** Opens the rows of a result in a tab. */
export function OpenButton(props: {
  trans: TranslationBundle;
  name: string;
  id: string;
}): React.JSX.Element {
  const { trans, name, id } = props;
  return (
    <button
      type="button"
      className="jp-Wrangler-button"
      aria-label={trans.__('Open the result of %1 in a tab', name)}
      onClick={event => {
        openResult(event.currentTarget, id);
      }}
    >
      {trans.__('Open result')}
    </button>
  );
}
