"""An audit of bucket and table: both are read once, what matters is kept in a temporary database, and compared there.

`bucket` lists letters, `table` reads items, `facts` keeps what matters of both and finds what does not fit, `repair`
writes what follows from what is there. Nothing but `repair` writes.
"""
