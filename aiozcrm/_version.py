"""Which version of the package this is.

It stands here, and not in the package's metadata alone, which some tools that bundle applications
leave out, and which takes longer to be read than the package to be imported.
"""

__all__ = ["__version__"]

__version__ = "0.2.0"
