"""Everything that touches the outside: AWS services, MIME, rendering."""
