"""An edition of a regulation and its terms as values; which edition is in force; the desk's working time."""
