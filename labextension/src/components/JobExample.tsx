import * as React from 'react';
import { EmptyState } from './EmptyState';
import type { IPanelProps } from './props';

const EXAMPLE = 'import jupyter_wrangler as jw\n\njob = jw.impute(df)\njob';

/** Shown while there are no jobs. */
export function JobExample(props: IPanelProps): React.JSX.Element {
  const { trans } = props;
  return (
    <EmptyState
      {...props}
      title={trans.__('No jobs yet')}
      text={trans.__(
        'A job fills the missing values of a DataFrame in the background. Run this in a notebook:'
      )}
      example={EXAMPLE}
      more={trans.__(
        'The job goes on when you close the tab or restart the kernel. Follow it here, or cancel it.'
      )}
    />
  );
}
