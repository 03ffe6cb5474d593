"""The test files: behaviour in one, style in the other. Vitest, Testing Library, no snapshot."""

from service.pipelines.spec.elements import Spec
from service.pipelines.testing.behaviour_tests import behaviour_tests
from service.pipelines.testing.style_tests import style_tests


def write_tests(spec: Spec) -> dict[str, str]:
    """Test files by path."""
    return {
        f"{spec.name}.test.tsx": behaviour_tests(spec),
        f"{spec.name}.style.test.tsx": style_tests(spec),
    }
