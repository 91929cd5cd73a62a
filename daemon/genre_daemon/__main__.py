"""``python -m genre_daemon`` is ``genre-daemon``."""

from genre_daemon.cli import main

main()
