"""Facts about Russian: words, cases, transliteration, wording."""
