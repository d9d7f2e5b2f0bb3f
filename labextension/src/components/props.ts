import type { TranslationBundle } from '@jupyterlab/translation';

/** What everything in the panel needs. */
export interface IPanelProps {
  trans: TranslationBundle;
  now: Date;
  /** Puts text on the clipboard. */
  copy: (text: string) => void;
}

/** What can be asked for a job. */
export interface IJobActions {
  cancel: (id: string) => void;
  retry: (id: string) => void;
}
