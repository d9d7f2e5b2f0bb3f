"""`Imputer`, its fitted state, and several imputations of one frame."""
