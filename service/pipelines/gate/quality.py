"""The figures that each gated candidate gets. Shares are 0..1, and None is "not measured".

The definitions are ours, named and versioned: figures of the same names in papers have other
denominators and must not be printed beside these as if they were equal.
"""

from dataclasses import dataclass

METRIC_VERSION = 1


@dataclass(frozen=True)
class QualityRow:
    """``metric_version`` 1.

    - ``geometry_share``: layers whose box in Chromium, at the width the design was drawn for, is
      within max(2 px, 2 %) of the designed one on each side ÷ all layers of the spec, over all
      variants.
    - ``text_share``: texts of the spec that the page says letter by letter, inputs by what stands
      in them, ÷ all texts, over all variants, and layers whose words were lost.
    - ``colour_delta_e_p95``: 95th percentile of the CIEDE2000 difference between a colour that the
      spec demands (text, background, border, outline) and the one Chromium computed.
    - ``mae``: mean absolute difference of RGB ÷ 255 between picture and rendering, both drawn into
      the design's size in CSS px (white where one of them ends).
    - ``ssim``: mean structural similarity of the lightness of both, in windows of 8 × 8 px.
    - ``rur`` (relative unit ratio): declarations of size, position and distance in the built CSS
      with a relative unit (rem, em, %, vw, vh, fr …) ÷ those with any length.
    - ``apr`` (absolute position ratio): elements whose computed position is absolute or fixed ÷ all
      elements but the insides of drawings.
    - ``str`` (semantic tag ratio): elements that are neither div, span nor svg ÷ all elements but
      the insides of drawings.
    - ``avu`` (arbitrary value use): class tokens with "[" ÷ class tokens, over the page.
    - ``single_use_tokens``: tokens that we named for their role and that are used once ÷ all tokens
      (font families aside).
    - ``behaviour_mutants``, ``style_mutants``: mutants that were tried and are not equivalent;
      ``…_killed``: those of them that a test or an expectation of the spec failed on.
    - ``axe_violations``: rules of axe that fail, without those of whole pages ("region",
      "page-has-heading-one") and without contrast, which is the design's.
    - ``console_errors``: errors in the console and of the window, over all widths.
    - ``overflow_widths``: of 360, 768, 1200 and 1920, those at which the page scrolls sideways
      or an element cuts a text off that the design shows whole (an ellipsis is meant so).
    - ``type_errors``, ``failed_tests``: how many.
    """

    geometry_share: float | None = None
    text_share: float | None = None
    colour_delta_e_p95: float | None = None
    mae: float | None = None
    ssim: float | None = None
    rur: float | None = None
    apr: float | None = None
    str: float | None = None
    avu: float | None = None
    single_use_tokens: float | None = None
    behaviour_mutants: int | None = None
    behaviour_killed: int | None = None
    style_mutants: int | None = None
    style_killed: int | None = None
    axe_violations: int | None = None
    console_errors: int | None = None
    overflow_widths: tuple[int, ...] | None = None
    type_errors: int | None = None
    failed_tests: int | None = None
    metric_version: int = METRIC_VERSION


def share(part: int | None, whole: int | None) -> float | None:
    """``part`` ÷ ``whole``, rounded; None if nothing was there to be counted."""
    return round(part / whole, 4) if part is not None and whole else None
