"""Citing: the usual formats, snippets and values for papers, and whether what a paper cites still holds."""
