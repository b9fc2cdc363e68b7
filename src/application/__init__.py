"""Use cases: what is done with a letter or a ticket, and what the outside must offer for it."""
