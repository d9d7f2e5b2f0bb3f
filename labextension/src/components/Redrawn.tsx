import { ReactWidget } from '@jupyterlab/apputils';
import type * as React from 'react';

/** Elements that are drawn again whenever `update` is called. */
export class Redrawn extends ReactWidget {
  constructor(private readonly drawing: () => React.JSX.Element) {
    super();
  }

  protected override render(): React.JSX.Element {
    return this.drawing();
  }
}
