"""``genre-daemon doctor``: what is well, what is not, and what to do about it.

One module a check. Each looks at one thing of the running system in the same way as
the daemon would use it, and leaves nothing behind.
"""
