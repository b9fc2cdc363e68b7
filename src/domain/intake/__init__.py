"""The rules of intake, one module a rule: each reads a letter and returns a finding that explains itself."""
