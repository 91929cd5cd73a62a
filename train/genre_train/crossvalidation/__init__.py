"""Cross-validation: a finished run repeated on every fold, and searches among several.

``recipe`` reads from finished runs what is to be repeated, ``repeating`` repeats it
without the tracks of one fold, ``results`` puts the folds together and ``search`` puts
several cross-validations side by side.
"""
