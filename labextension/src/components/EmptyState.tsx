import * as React from 'react';
import { CopyButton } from './CopyButton';
import type { IPanelProps } from './props';

const EXAMPLE = 'import jupyter_wrangler as jw\n\njob = jw.impute(df)\njob';

/** Shown while there are no jobs: how to make one. */
export function EmptyState(props: IPanelProps): React.JSX.Element {
  const { trans } = props;
  return (
    <section className="jp-Wrangler-empty">
      <h3>{trans.__('No jobs yet')}</h3>
      <p>
        {trans.__(
          'A job fills the missing values of a DataFrame in the background. Run this in a notebook:'
        )}
      </p>
      <pre className="jp-Wrangler-code">{EXAMPLE}</pre>
      <CopyButton
        {...props}
        text={EXAMPLE}
        label={trans.__('Copy')}
        about={trans.__('Copy the example')}
      />
      <p>
        {trans.__(
          'The job goes on when you close the tab or restart the kernel. Follow it here, or cancel it.'
        )}
      </p>
    </section>
  );
}
