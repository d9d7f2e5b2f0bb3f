"""What can be said of imputations: a verdict, why a value, what an answer rests on."""
