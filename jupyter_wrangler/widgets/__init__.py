"""Views of jobs in notebooks, of plain ipywidgets."""
