"""Named experiments: published systems, trained and scored by one protocol.

=================  ============================================================
``registry``       the table: name, source, input, recipe, published figure
``networks``       a model function for each, a module a family
``inputs``         from arrays, table or recordings to what a network is shown
``sides``          who is trained on and who is held out, honest or leaky
``protocol``       training, the same for all
``scoring``        figures with intervals, the same for all
``experiment``     from data to a run folder, and from a run folder back
=================  ============================================================
"""
