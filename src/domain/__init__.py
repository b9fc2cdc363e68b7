"""What a published support regulation means: pure values and functions, no clock, no I/O, no SDK."""
