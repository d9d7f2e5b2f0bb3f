/* What tests/browser/laws.py runs in the page: find the controls of a view, watch them. */
(() => {
  const ROLES = [
    'button', 'checkbox', 'combobox', 'gridcell', 'link', 'menuitem', 'option', 'radio',
    'searchbox', 'slider', 'spinbutton', 'switch', 'tab', 'textbox', 'treeitem'
  ];
  const CONTROLS = [
    'button', 'input:not([type=hidden])', 'select', 'textarea', 'a[href]', 'summary',
    '[tabindex="0"]', '[contenteditable=true]', ...ROLES.map(role => `[role=${role}]`)
  ].join();
  const COMPOSITES = ['grid', 'listbox', 'menu', 'radiogroup', 'tablist', 'toolbar', 'tree']
    .map(role => `[role=${role}]`)
    .join();

  const laws = {
    root: null,
    controls: [],
    clicks: [],

    /* Note all controls of a view that can be seen, in their order. */
    collect(root) {
      this.root = root;
      this.controls = [...root.querySelectorAll(CONTROLS)].filter(
        node => node.checkVisibility({ visibilityProperty: true }) && node.getClientRects().length
      );
      if (root.matches(CONTROLS)) {
        this.controls.unshift(root);
      }
      return this.controls.map(node => this.fact(node));
    },

    fact(node) {
      const composite = node.parentElement.closest(COMPOSITES);
      const inside = composite && this.root.contains(composite);
      return {
        html: node.outerHTML.slice(0, 200),
        kind: this.kind(node),
        off: node.disabled === true || node.getAttribute('aria-disabled') === 'true',
        reachable: node.disabled !== true,
        why: this.described(node),
        group: inside
          ? this.controls.findIndex(one => composite.contains(one))
          : node.type === 'radio'
            ? this.controls.findIndex(one => one.name === node.name)
            : -1
      };
    },

    /* How a control is used by keyboard. */
    kind(node) {
      const role = node.getAttribute('role');
      if (node.matches('input[type=checkbox], input[type=radio]')) {
        return 'check';
      }
      if (node.matches('select')) {
        return 'select';
      }
      if (node.matches('textarea, input:not([type=button]):not([type=submit])')) {
        return 'text';
      }
      if (node.matches('a')) {
        return 'link';
      }
      if (node.matches('button, summary, input') || role === 'button') {
        return 'button';
      }
      return 'other';
    },

    described(node) {
      const ids = (node.getAttribute('aria-describedby') || '').split(' ');
      return [node.title, ...ids.map(id => document.getElementById(id)?.textContent)]
        .filter(Boolean)
        .join(' ')
        .trim();
    },

    /* Begin just before the view, as if Tab had come there. */
    before() {
      const start = document.createElement('span');
      start.tabIndex = -1;
      this.root.prepend(start);
      start.focus({ preventScroll: true });
      start.remove();
    },

    /* Which control has the focus: its number, -1 for anything else of the view, null outside. */
    here() {
      const node = document.activeElement;
      if (!this.root.contains(node)) {
        return null;
      }
      return this.controls.indexOf(node);
    },

    /* Whether it can be seen that something has the focus: an outline or a shadow. */
    ring() {
      let node = document.activeElement;
      for (; node && node !== this.root.parentElement; node = node.parentElement) {
        const style = getComputedStyle(node);
        const outlined =
          style.outlineStyle !== 'none' &&
          parseFloat(style.outlineWidth) >= 1 &&
          !/(transparent|, 0\))$/.test(style.outlineColor);
        if (outlined || style.boxShadow !== 'none') {
          return true;
        }
      }
      return false;
    },

    /* Note clicks in the view, and keep them from doing anything. */
    guard() {
      this.unguard();
      this.clicks = [];
      this.hear = event => {
        if (this.root.contains(event.target)) {
          event.stopImmediatePropagation();
          if (event.type === 'click') {
            event.preventDefault();
            this.clicks.push(this.controls.indexOf(event.target));
          }
        }
      };
      for (const type of ['click', 'input', 'change']) {
        window.addEventListener(type, this.hear, true);
      }
    },

    unguard() {
      for (const type of ['click', 'input', 'change']) {
        window.removeEventListener(type, this.hear, true);
      }
    },

    value() {
      return document.activeElement.value;
    },

    restore(value) {
      document.activeElement.value = value;
    },

    choices() {
      return [...(document.activeElement.options || [])].filter(one => !one.disabled).length;
    }
  };
  window.laws = laws;
})();
