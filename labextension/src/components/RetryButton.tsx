import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { ActionButton } from './ActionButton';

/** Asks for another try of a job. */
export function RetryButton(props: {
  trans: TranslationBundle;
  name: string;
  /** Whether this was asked for and not yet confirmed. */
  pending: boolean;
  retry: () => void;
}): React.JSX.Element {
  const { trans, name, pending } = props;
  return (
    <ActionButton
      label={pending ? trans.__('Retrying…') : trans.__('Retry')}
      about={trans.__('Retry %1', name)}
      title={trans.__(
        'Compute what has no result yet; what was finished is kept'
      )}
      off={pending}
      act={props.retry}
    />
  );
}
