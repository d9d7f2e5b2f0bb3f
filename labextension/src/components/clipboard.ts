import { Clipboard } from '@jupyterlab/apputils';

/** Put text on the clipboard. */
export function copy(text: string): void {
  Clipboard.copyToSystem(text);
}
