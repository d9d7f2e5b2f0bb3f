import type { TranslationBundle } from '@jupyterlab/translation';
import type { Job } from '../model/contract';

/** What everything in the panel needs. */
export interface IPanelProps {
  trans: TranslationBundle;
  now: Date;
  /** Puts text on the clipboard. */
  copy: (text: string) => void;
}

/** What is asked of the job of a card or a row. */
export interface IEndActions {
  cancel: (id: string) => void;
  retry: (id: string) => void;
}

/** What can be asked for a job of the list. */
export interface IJobActions extends IEndActions {
  /** Shows the result. */
  open: (id: string) => void;
  /** Puts the code that gives the job or its result into the notebook. */
  insert: (id: string) => void;
  /** Whether there is a notebook to insert into. */
  canInsert: boolean;
  /** Shows all that can be done, at a place of the page. */
  menu: (id: string, x: number, y: number) => void;
  /** The job that commands without one are meant for. */
  select: (id: string) => void;
  /** Begins to drag the code of the job. */
  drag: (id: string, event: React.PointerEvent) => void;
}

/** What can be asked for the job of a card. */
export interface ICardActions extends IEndActions {
  finish: (id: string) => void;
  /** Changes whose turn it is among one's own jobs. */
  prioritize: (id: string, priority: Job['priority']) => void;
  /** Asks for everything again. */
  refresh: () => void;
  /** Puts code into a new cell below; false if there is none to put it under. */
  insert: (code: string) => boolean;
}
