// Elements made of descriptions, and put into the page with as few changes as possible,
// so that focus, scroll positions and what is being typed survive every update.

/** Describe an element: tag, attributes, and children (descriptions or text). */
function h(tag, attributes, ...children) {
  return {
    tag,
    attributes: attributes || {},
    children: children.flat(9).filter(child => child !== null && child !== undefined && child !== false && child !== '')
  };
}

const BY_PROPERTY = ['value', 'checked', 'indeterminate'];

function create(description) {
  if (typeof description !== 'object') {
    return document.createTextNode(String(description));
  }
  const node = document.createElement(description.tag);
  update(node, description);
  return node;
}

function fits(node, description) {
  if (typeof description !== 'object') {
    return node.nodeType === Node.TEXT_NODE;
  }
  return (
    node.nodeType === Node.ELEMENT_NODE &&
    node.localName === description.tag &&
    (node.dataset.key || '') === String(description.attributes['data-key'] || '')
  );
}

/** Make a node be as described. */
function update(node, description) {
  if (typeof description !== 'object') {
    if (node.data !== String(description)) {
      node.data = String(description);
    }
    return;
  }
  const { attributes, children } = description;
  for (const { name } of [...node.attributes]) {
    if (!(name in attributes) || attributes[name] === null || attributes[name] === false) {
      node.removeAttribute(name);
    }
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (BY_PROPERTY.includes(name) || value === null || value === undefined || value === false) {
      continue;
    }
    const text = value === true ? '' : String(value);
    if (node.getAttribute(name) !== text) {
      node.setAttribute(name, text);
    }
  }
  if (!attributes['data-own']) {
    replaceChildren(node, children);
  }
  for (const name of BY_PROPERTY) {
    // what is being typed is not taken away
    if (name in attributes && document.activeElement !== node && node[name] !== attributes[name]) {
      node[name] = attributes[name];
    }
  }
  if (node.localName === 'select' && 'value' in attributes) {
    node.value = attributes.value;
  }
}

function replaceChildren(node, children) {
  let at = node.firstChild;
  for (const child of children) {
    let found = at;
    while (found && !fits(found, child)) {
      found = found.nextSibling;
    }
    if (found) {
      while (at !== found) {
        const next = at.nextSibling;
        at.remove();
        at = next;
      }
      update(found, child);
      at = found.nextSibling;
    } else {
      node.insertBefore(create(child), at);
    }
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}
