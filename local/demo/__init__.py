"""A tour of the whole: two weeks of both desks on a clock that is advanced, checked against the regulations."""
