"""A ticket: its status, commands, events, timers, outgoing messages, and what is decided about it."""
