"""Figures, printed as ratios against a peer in the same run. Apart from the tests: nothing here asserts a time."""
