"""From Figma's answer to a ``Spec``: what is to be built, without a model and without the network.

``build_spec`` reads the layers (``assembling``) and their layout (``flex_layout``,
``loose_layout``), joins the variants of a component set (``variants``), names values that are used
again (``tokens``) and says what each element is and why (``semantics``).
"""

from service.pipelines.spec.elements import (
    SPEC_VERSION,
    Asset,
    Bounds,
    Condition,
    Declaration,
    Element,
    Paragraph,
    Prop,
    Rendering,
    Run,
    Spec,
    Text,
    Token,
)
from service.pipelines.spec.overruling import BadOverride, read_layer, read_overrides, read_tag
from service.pipelines.spec.specifying import build_spec

__all__ = [
    "SPEC_VERSION",
    "Asset",
    "BadOverride",
    "Bounds",
    "Condition",
    "Declaration",
    "Element",
    "Paragraph",
    "Prop",
    "Rendering",
    "Run",
    "Spec",
    "Text",
    "Token",
    "build_spec",
    "read_layer",
    "read_overrides",
    "read_tag",
]
