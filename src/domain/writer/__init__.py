"""Who writes: names, organisations, positions, contacts, references."""
