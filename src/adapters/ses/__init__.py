"""Amazon SES: letters received, what became of letters sent, and sending."""
