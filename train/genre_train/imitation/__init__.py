"""A network that learns what musicnn hears, from music that nobody has labelled.

Few windows have a genre, but every recording has what musicnn makes of it, moment by
moment. A network of the shipped kind that has learned to give the same hears much of
what musicnn knows from its many songs, at a small part of the cost, and a linear
classifier upon it learns genres in a minute. It names more of music that is new to it
than a network of the same size that learned everything from labels.

References
----------
A. Romero et al., "FitNets: hints for thin deep nets", ICLR 2015.
A. van den Oord, S. Dieleman and B. Schrauwen, "Transfer learning by supervised
pre-training for audio-based music classification", ISMIR 2014.
"""
