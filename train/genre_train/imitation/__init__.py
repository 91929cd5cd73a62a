"""A network that learns what musicnn hears, from music that nobody has labelled.

Few windows have a genre, but every recording has what musicnn makes of it, moment by
moment. A network of the shipped kind that has learned to give the same hears much of
what musicnn knows from its many songs, at a twentieth of the cost. A linear classifier
upon it (:mod:`genre_train.probing`) errs about other music than a network trained on
labels, so that the two together are right more often than either
(:mod:`genre_train.ensemble`).

References
----------
A. Romero et al., "FitNets: hints for thin deep nets", ICLR 2015.
"""
