"""What all pages draw with: tiles, tables, pickers, charts, notices. No part imports a page."""
