"""A deployed stack as it is: what `reglament doctor` reads of it, and what it makes of that. Nothing here writes."""
