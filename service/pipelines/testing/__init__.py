"""From a ``Spec`` to the tests of a component: what it says and does, and how it is to look.

Tests are made of the spec and never of the code, so that they fail for a component that is not what
was designed, whoever wrote it. A style is demanded property by property; whole class strings are
not compared.
"""

from service.pipelines.testing.computed import Expectation, computed_styles
from service.pipelines.testing.writing_tests import write_tests

__all__ = ["Expectation", "computed_styles", "write_tests"]
