"""The panel `jw.wrangle(df)`: look, plan, run, judge and keep, in one view.

`model` holds the steps, the decisions and their history, `session` runs the work that
takes time, and neither imports ipywidgets.  One file for each step says what it shows;
`static` holds the file of the same name that draws it in the browser.
"""
