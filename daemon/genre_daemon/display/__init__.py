"""What nodes say, in a terminal.

Pure: ``view`` (what to show), ``render`` (how it looks), ``plain`` (as lines).
Edges: ``feed`` (from the broker), ``live`` (to a terminal), ``lines`` (to a pipe).
"""
