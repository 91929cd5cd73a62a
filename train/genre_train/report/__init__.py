"""The report of a run: one HTML file that needs nothing else, and PNGs.

=================  ============================================================
``content``        what the report says, gathered from a run folder
``drawings``       pure functions from figures to matplotlib drawings
``rendering``      drawings to PNG, and to SVG that follows the page's colours
``page``           content and drawings to HTML
``build``          what ``genre-train report`` does
=================  ============================================================
"""
