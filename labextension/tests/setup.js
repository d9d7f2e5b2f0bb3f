// what jsdom does not have, and the widgets of JupyterLab ask for when they are loaded
globalThis.DragEvent ??= class DragEvent extends globalThis.MouseEvent {};
