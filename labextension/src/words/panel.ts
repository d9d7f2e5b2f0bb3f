/**
 * The panel in words, where it cannot be drawn live.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { clock } from './times';

/** Why the panel is not live, and how to get it back. */
export function whyStored(
  at: string,
  trusted: boolean,
  now: Date,
  trans: TranslationBundle
): string {
  const when = at
    ? trans.__('This is how it was as of %1.', clock(at, now))
    : trans.__('This is how it was when it was stored.');
  return trusted
    ? trans.__(
        'No kernel runs this panel any more. %1 Run the cell again to open it: it goes on with its job.',
        when
      )
    : trans.__(
        'This notebook is not trusted, so the panel is not opened. %1 Run the cell again to open it.',
        when
      );
}
