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

/** What can be asked for the job of a card. */
export interface ICardActions extends IJobActions {
  finish: (id: string) => void;
  /** Asks for everything again. */
  refresh: () => void;
  /** Puts code into a new cell below; false if there is none to put it under. */
  insert: (code: string) => boolean;
}
