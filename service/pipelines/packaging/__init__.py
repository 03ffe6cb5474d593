"""What a customer takes home: one ZIP with the component, its tests, a report and a README.

The same input gives the same bytes. Names of files are taken by an allow-list, and what a stranger
wrote (names of layers, texts, notes) stands in the report as text alone.
"""

from service.pipelines.packaging.about_run import About
from service.pipelines.packaging.packages import (
    Package,
    PackagingError,
    package,
)
from service.pipelines.packaging.tested_with import tool_versions

__all__ = ["About", "Package", "PackagingError", "package", "tool_versions"]
