import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { ActionButton } from './ActionButton';

/** Puts code into the current notebook; disabled it says why. */
export function InsertButton(props: {
  trans: TranslationBundle;
  /** What the button does, in full. */
  about: string;
  label?: string;
  canInsert: boolean;
  insert: () => void;
}): React.JSX.Element {
  const { trans, about, canInsert } = props;
  const why = canInsert
    ? about
    : trans.__('%1: open a notebook first, or copy the code', about);
  return (
    <ActionButton
      label={props.label ?? trans.__('Insert code')}
      about={why}
      title={why}
      off={!canInsert}
      act={props.insert}
    />
  );
}
