"""Files of users as tables, and the process that reads them for JupyterLab."""
