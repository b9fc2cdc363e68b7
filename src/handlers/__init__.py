"""One module a Lambda function: it parses an event and calls a use case with the services it is handed."""
