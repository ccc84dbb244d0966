"""Measurements, printed with the ratio to the bare libraries measured in the same run."""
