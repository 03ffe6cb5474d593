"""From a Figma link to a component that is proven: spec, draft, tests, gate, package, push."""
