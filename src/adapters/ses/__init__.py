"""Amazon SES, a module for each reader: `received` for letters that arrive, `feedback` for what became of letters sent.

`raw_letter` stands in for a lost notification, `published` has what all notifications share, and `sending` sends.
"""
