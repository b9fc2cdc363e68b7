"""The `reglament` command for specialists and administrators."""
