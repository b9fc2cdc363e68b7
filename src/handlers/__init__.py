"""One module a Lambda function; `wiring` is the only composition root."""
