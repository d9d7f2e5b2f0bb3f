"""What methods cost, in seconds and memory: no library is loaded for it.

The service estimates each job that is submitted, and would hold 60 MB more for as long
as it runs if it loaded the methods themselves for that.
"""
