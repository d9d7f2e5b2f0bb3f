import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { ActionButton } from './ActionButton';

/** Asks for the end of a job. */
export function CancelButton(props: {
  trans: TranslationBundle;
  name: string;
  /** Whether the job is being cancelled. */
  pending: boolean;
  cancel: () => void;
}): React.JSX.Element {
  const { trans, name, pending } = props;
  return (
    <ActionButton
      label={pending ? trans.__('Cancelling…') : trans.__('Cancel')}
      about={trans.__('Cancel %1', name)}
      off={pending}
      act={props.cancel}
    />
  );
}
