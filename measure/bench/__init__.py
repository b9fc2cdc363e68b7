"""`make bench`: how fast the desk's arithmetic and its sweep are, as ratios measured in one run."""
