"""What all pages draw with: tiles, tables, pickers, charts, notices. A part knows no page."""
