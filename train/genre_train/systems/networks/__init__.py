"""The networks of the published systems, a module a family.

Conventions
-----------
A model function takes the training inputs, a tuple of arrays of shape (n, ...), and
the number of labels. It reads their shapes, and where the system standardises its
features, their mean and deviation: both are then part of the saved network, so that
nothing outside it has to be kept. Outputs are logits (n, n_labels), as everywhere in
this project; softmax and cross-entropy on logits are the published softmax layer and
loss. Only layers of Keras 3 that every backend has.
"""
