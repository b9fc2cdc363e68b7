"""An edition of a regulation and its terms as values; which edition is in force; the desk's working time."""

from domain.regulation.editions import calendar_of

__all__ = ["calendar_of"]
