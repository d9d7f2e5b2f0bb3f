import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';

/** A place in the document that React draws into, new for each test. */
export class ReactPage {
  constructor() {
    beforeAll(() => {
      Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
    });
    beforeEach(() => {
      this.host = document.body.appendChild(document.createElement('div'));
      this._root = createRoot(this.host);
    });
    afterEach(() => {
      React.act(() => {
        this._root.unmount();
      });
      this.host.remove();
    });
  }

  /** Draw, within `React.act`. */
  render(element: React.ReactElement): void {
    this._root.render(element);
  }

  /** The button with an accessible name, which there must be. */
  button(label: string): HTMLButtonElement {
    const found = [...this.host.querySelectorAll('button')].find(
      node => (node.getAttribute('aria-label') ?? node.textContent) === label
    );
    if (!found) {
      throw new Error(`no button ${label} in ${this.host.textContent ?? ''}`);
    }
    return found;
  }

  host!: HTMLElement;
  private _root!: Root;
}
