"""Documents: a template is filled, printed to PDF/A, signed, checked; scans are bound to their text."""
