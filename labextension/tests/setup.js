// what jsdom does not have, and the widgets of JupyterLab ask for when they are loaded
globalThis.DragEvent ??= class DragEvent extends globalThis.MouseEvent {};

// drawings need a canvas, which jsdom only announces
globalThis.HTMLCanvasElement.prototype.getContext = () => null;
